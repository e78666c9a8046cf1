import { Schema } from "effect"

/** An archive that is cut off, holds something else than one dataset, or cannot be read at all. */
export class InvalidCar extends Schema.TaggedError<InvalidCar>()("InvalidCar", { detail: Schema.String }) {
  override get message() {
    return `This is not a CAR archive of one dataset: ${this.detail}.`
  }
}
