import { Context, type Effect, Layer } from "effect"
import * as MemorySpace from "./internal/memorySpace.ts"
import type { SpaceError, SpaceExhausted } from "./SpaceError.ts"

/**
 * The ledger of bytes that datasets need; a node wires it to its one ledger. Bytes are held, then the block is written, then
 * they are booked.
 */
export class BlockSpace extends Context.Service<
  BlockSpace,
  {
    /** Holds bytes for data blocks that are about to be written under the name. */
    readonly hold: (volume: string, bytes: bigint) => Effect.Effect<void, SpaceExhausted | SpaceError>
    /** Turns held bytes into written ones. */
    readonly write: (volume: string, bytes: bigint) => Effect.Effect<void, SpaceExhausted | SpaceError>
    /** Books a block of metadata. */
    readonly writeMetadata: (volume: string, bytes: bigint) => Effect.Effect<void, SpaceExhausted | SpaceError>
    /** Gives back what is held but not written. */
    readonly trim: (volume: string) => Effect.Effect<void, SpaceError>
    /** The volume may go when its space is needed; the ledger remembers it. Nothing there: nothing happens. */
    readonly cache: (volume: string) => Effect.Effect<void, SpaceError>
    /** Takes `cache` back. */
    readonly keep: (volume: string) => Effect.Effect<void, SpaceError>
    /** What may go, in the order in which it was let go of. */
    readonly cached: Effect.Effect<ReadonlyArray<string>, SpaceError>
    /** What may go may go under its new name as well. */
    readonly rename: (from: string, to: string) => Effect.Effect<void, SpaceError>
    readonly giveBack: (volume: string) => Effect.Effect<void, SpaceError>
    /** The names the ledger knows. */
    readonly volumes: Effect.Effect<ReadonlyArray<string>, SpaceError>
    /** Tells the ledger what was found on disk under a name that it knows. */
    readonly settle: (
      volume: string,
      found: { readonly dataBytes: bigint; readonly metadataBytes: bigint },
    ) => Effect.Effect<void, SpaceError>
  }
>()("@pecia/datasets/BlockSpace") {
  /**
   * A ledger that forgets everything when the process ends, for tests and for nodes that sell no space. `quotaBytes` is the
   * limit of data held and written; metadata has an allowance of its own, of the same size unless told otherwise.
   */
  static readonly layerMemory = (options: {
    readonly quotaBytes: bigint
    readonly metadataQuotaBytes?: bigint
  }): Layer.Layer<BlockSpace> =>
    Layer.sync(BlockSpace, () => MemorySpace.make(options.quotaBytes, options.metadataQuotaBytes ?? options.quotaBytes))
}
