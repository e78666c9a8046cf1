import { Schema } from "effect"

/** Numbers of shards or shards themselves that no code word can have. */
export class InvalidShape extends Schema.TaggedError<InvalidShape>()("InvalidShape", { detail: Schema.String }) {
  override get message() {
    return `These shards cannot be coded: ${this.detail}.`
  }
}

/** More shards are lost than parity makes up for. */
export class TooFewShards extends Schema.TaggedError<TooFewShards>()("TooFewShards", {
  present: Schema.Int,
  needed: Schema.Int,
}) {
  override get message() {
    return `Only ${this.present} of the shards are there, and ${this.needed} are needed to restore the others; find more of them.`
  }
}
