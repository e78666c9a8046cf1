import { Context, Effect, Layer, type Stream } from "effect"
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
  /** It may go when its space is needed. */
  readonly isCached: boolean
}

/** A block that is lost, or does not hash to its name any more. */
export interface Corruption {
  readonly volume: string
  readonly cid: Cid
}

/**
 * Blocks, grouped in volumes: a volume is what comes and goes together (a dataset, an upload, a slot).
 *
 * Law: `put` has ended, so the block is durable and its bytes are booked in `BlockSpace`; a block that stands in two volumes
 * is stored and booked twice. Raw blocks are booked as data, others as metadata. `get` never answers with wrong bytes.
 *
 * A volume is kept until it is dropped, however old it is: uploads for their user, slots for their contract. Only one that was let go
 * of with `cache` can go earlier, and only by `evict`.
 */
export class BlockStore extends Context.Service<
  BlockStore,
  {
    /**
     * Stores a block, for which bytes are held. Storing it again in the same volume changes nothing, unless it was altered on disk:
     * then it is replaced in the room that it has. One whose size had changed before the store was opened needs bytes held again.
     */
    readonly put: (volume: string, block: Block) => Effect.Effect<void, SpaceExhausted | BlockStoreError>
    /** From whichever volume has it intact. */
    readonly get: (cid: Cid) => Effect.Effect<Uint8Array, BlockNotFound | BlockCorrupt | BlockStoreError>
    readonly has: (cid: Cid) => Effect.Effect<boolean>
    /** Removes the volume's blocks, then gives its bytes back. Nothing there: nothing happens. */
    readonly drop: (volume: string) => Effect.Effect<void, BlockStoreError>
    /** Gives a volume another name, under which it is kept or cached as before; one that has the new name already is dropped first. */
    readonly rename: (from: string, to: string) => Effect.Effect<void, BlockStoreError>
    readonly volumes: Effect.Effect<ReadonlyArray<VolumeContent>, BlockStoreError>

    /**
     * Lets go of a volume: from now on, and after a restart, it may go when its space is needed. Its blocks are served until then. Not for
     * slots that are reserved: a defect. Nothing there: nothing happens.
     */
    readonly cache: (volume: string) => Effect.Effect<void, BlockStoreError>
    /** Takes `cache` back. Nothing there, perhaps because it was evicted: nothing happens. */
    readonly keep: (volume: string) => Effect.Effect<void, BlockStoreError>
    /**
     * Drops cached volumes until so many bytes of data were given back or none is left, the one first that was not used for longest:
     * not read since this store was opened, in the order in which they were let go of. Answers how many bytes came back. One that cannot be
     * removed is passed over with a warning.
     *
     * For whoever was told that the quota is full, by `BlockSpace.hold` or the ledger's `offer`: evict what was asked for and ask
     * again, until it fits or the answer is 0. The store never does it by itself.
     */
    readonly evict: (bytes: bigint) => Effect.Effect<bigint>

    /**
     * Corruptions: first those that are known, then each that is found by `get` or `check`. Of more than 1,024 that wait to be taken
     * the oldest are left out. A `put` of an intact copy mends the block.
     */
    readonly corruptions: Stream.Stream<Corruption>
    /** What stands in a volume now. Ends early when the volume is dropped. */
    readonly blocks: (volume: string) => Stream.Stream<{ readonly cid: Cid; readonly sizeBytes: number }>
    /** Reads a block anew. False: it is damaged, which is reported, again if it was known. True also if it is not there any more. */
    readonly check: (volume: string, cid: Cid) => Effect.Effect<boolean, BlockStoreError>
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
