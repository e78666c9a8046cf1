import { Schema } from "effect"
import { Cid } from "./Block.ts"

/** Fewer slots could be had than the data has; any so many would give it back. */
export class TooFewSlots extends Schema.TaggedError<TooFewSlots>()("TooFewSlots", {
  slotManifest: Cid,
  needed: Schema.Int,
  found: Schema.Int,
  /** Why the first of the others could not be had. */
  detail: Schema.String,
}) {
  override get message() {
    return `Of the slots of ${this.slotManifest}, ${this.found} could be had, and ${this.needed} are needed. ${this.detail}`
  }
}

/** The code that made the parity of these slots is not known here. */
export class UnknownCodec extends Schema.TaggedError<UnknownCodec>()("UnknownCodec", {
  slotManifest: Cid,
  codec: Schema.String,
}) {
  override get message() {
    return `The slots of ${this.slotManifest} are coded with "${this.codec}", which this node does not know.`
  }
}
