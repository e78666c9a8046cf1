import { Schema } from "effect"
import { excerpt } from "./internal/hex.ts"

/** A text is not the id that it was taken for. */
export class MalformedId extends Schema.TaggedError<MalformedId>()("MalformedId", {
  noun: Schema.Literals(["request id", "slot id", "offer id", "content hash", "nonce"]),
  text: Schema.String,
}) {
  override get message() {
    return `${excerpt(this.text)} is not a ${this.noun}: it takes 64 hex digits, with or without 0x in front.`
  }
}
