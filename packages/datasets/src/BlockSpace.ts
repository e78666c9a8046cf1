import { Context, type Effect, Schema } from "effect"

/** No room for these bytes. `message` says which limit was met. */
export class SpaceExhausted extends Schema.TaggedError<SpaceExhausted>()("SpaceExhausted", {
  volume: Schema.String,
  detail: Schema.String,
}) {
  override get message() {
    return this.detail
  }
}

/** The ledger could not be used. */
export class SpaceError extends Schema.TaggedError<SpaceError>()("SpaceError", { cause: Schema.Defect() }) {}

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
>()("@pecia/datasets/BlockSpace") {}
