import { Schema } from "effect"

/** No room for these bytes. `message` says which limit was met. */
export class SpaceExhausted extends Schema.TaggedError<SpaceExhausted>()("SpaceExhausted", {
  volume: Schema.String,
  detail: Schema.String,
}) {
  override get message() {
    return this.detail
  }
}

/** The ledger could not be used. */
export class SpaceError extends Schema.TaggedError<SpaceError>()("SpaceError", { cause: Schema.Defect() }) {}
