import { Context, Effect, Layer } from "effect"
import type { Block, Cid } from "./Block.ts"
import type { BlockSpace } from "./BlockSpace.ts"
import type { BlockCorrupt, BlockNotFound, BlockStoreError } from "./BlockStoreError.ts"
import * as FileMedium from "./internal/fileMedium.ts"
import * as MemoryMedium from "./internal/memoryMedium.ts"
import * as Volumes from "./internal/volumes.ts"
import type { SpaceExhausted } from "./SpaceError.ts"

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
    /**
     * Stores a block, for which bytes are held. Storing it again in the same volume changes nothing, unless it was altered on
     * disk: then it is taken out, which `BlockSpace.settle` is told, and stored anew.
     */
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
>()("@pecia/datasets/BlockStore") {
  static readonly layerMemory: Layer.Layer<BlockStore, BlockStoreError, BlockSpace> = Layer.effect(
    BlockStore,
    Effect.suspend(() => Volumes.make(MemoryMedium.make())),
  )

  /**
   * One file per block below `directory`, which belongs to this store of this process alone. When it opens, volumes that
   * `BlockSpace` does not know are removed.
   */
  static readonly layerFileSystem = (options: {
    readonly directory: string
  }): Layer.Layer<BlockStore, BlockStoreError, BlockSpace> =>
    Layer.effect(
      BlockStore,
      Effect.suspend(() => Volumes.make(FileMedium.make(options.directory))),
    )
}
