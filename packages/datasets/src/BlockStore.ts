import { Context, type Effect, Schema } from "effect"
import { type Block, Cid } from "./Block.ts"
import type { SpaceExhausted } from "./BlockSpace.ts"

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

/** What the store holds under one name. */
export interface VolumeContent {
  readonly volume: string
  readonly blocks: number
  readonly dataBytes: bigint
  readonly metadataBytes: bigint
}

/**
 * Blocks, grouped in volumes: a volume is what comes and goes together (a dataset, an upload, a slot).
 *
 * Law: `put` has ended, so the block is durable and its bytes are booked in `BlockSpace`; a block that stands in two volumes
 * is stored and booked twice. Raw blocks are booked as data, dag-cbor blocks as metadata. `get` never answers with wrong bytes.
 */
export class BlockStore extends Context.Service<
  BlockStore,
  {
    /** Stores a block; storing it again in the same volume changes nothing. */
    readonly put: (volume: string, block: Block) => Effect.Effect<void, SpaceExhausted | BlockStoreError>
    /** From whichever volume has it intact. */
    readonly get: (cid: Cid) => Effect.Effect<Uint8Array, BlockNotFound | BlockCorrupt | BlockStoreError>
    readonly has: (cid: Cid) => Effect.Effect<boolean>
    /** Removes the volume's blocks, then gives its bytes back. Nothing there: nothing happens. */
    readonly drop: (volume: string) => Effect.Effect<void, BlockStoreError>
    /** Gives a volume another name; one that goes by the new name already is dropped first. */
    readonly rename: (from: string, to: string) => Effect.Effect<void, BlockStoreError>
    readonly volumes: Effect.Effect<ReadonlyArray<VolumeContent>, BlockStoreError>
  }
>()("@pecia/datasets/BlockStore") {}
