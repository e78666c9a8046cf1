import { Schema } from "effect"
import { Cid } from "./Block.ts"

export class BlockNotFound extends Schema.TaggedError<BlockNotFound>()("BlockNotFound", { cid: Cid }) {
  override get message() {
    return `Block ${this.cid} is not stored here.`
  }
}

/** What is stored under the name does not hash to it any more. */
export class BlockCorrupt extends Schema.TaggedError<BlockCorrupt>()("BlockCorrupt", { cid: Cid }) {
  override get message() {
    return `Block ${this.cid} was altered on disk; it has to be fetched again.`
  }
}

/** The store itself could not be read or written. */
export class BlockStoreError extends Schema.TaggedError<BlockStoreError>()("BlockStoreError", {
  operation: Schema.String,
  cause: Schema.Defect(),
}) {
  override get message() {
    return `The block store failed (${this.operation}): ${this.cause instanceof Error ? this.cause.message : String(this.cause)}`
  }
}
