import { Schema } from "effect"
import { Cid } from "./Block.ts"

/** A block is not what its place demands: of another kind, not canonical, sizes that do not add up, too large. */
export class InvalidManifest extends Schema.TaggedError<InvalidManifest>()("InvalidManifest", {
  cid: Cid,
  detail: Schema.String,
}) {
  override get message() {
    return `${this.cid} is not a manifest that can be used: ${this.detail}.`
  }
}
