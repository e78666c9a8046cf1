import { Context, type Effect, type Option, Schema, type Stream } from "effect"
import type { SpaceError, SpaceExhausted } from "./BlockSpace.ts"
import { Cid } from "./Block.ts"
import type { BlockCorrupt, BlockNotFound, BlockStoreError } from "./BlockStore.ts"
import type { Manifest, SlotManifest } from "./Manifest.ts"

/** A block is not what its place demands: not dag-cbor, sizes that do not add up, too large. */
export class InvalidManifest extends Schema.TaggedError<InvalidManifest>()("InvalidManifest", {
  cid: Cid,
  detail: Schema.String,
}) {
  override get message() {
    return `${this.cid} is not a manifest that can be used: ${this.detail}.`
  }
}

/** More blocks than one list can name. */
export class DatasetTooLarge extends Schema.TaggedError<DatasetTooLarge>()("DatasetTooLarge", {
  limitBytes: Schema.BigInt,
}) {
  override get message() {
    return `A dataset may have at most ${this.limitBytes} bytes; split the file.`
  }
}

export interface Dataset {
  readonly cid: Cid
  readonly manifest: Manifest
}

/** A slot's blocks in order; none is a block of zeros behind the end of the data. */
export type SlotBlocks = ReadonlyArray<Option.Option<Cid>>

type Unreadable = BlockNotFound | BlockCorrupt | BlockStoreError | InvalidManifest
type Unwritable = SpaceExhausted | SpaceError | BlockStoreError

/** The datasets of a node, on its BlockStore. A dataset's volume has the dataset's CID as its name. */
export class Datasets extends Context.Service<
  Datasets,
  {
    /** Cuts a stream into blocks. Nothing remains of an upload that fails. */
    readonly upload: <E, R>(
      bytes: Stream.Stream<Uint8Array, E, R>,
      about?: { readonly filename?: string; readonly mimetype?: string },
    ) => Effect.Effect<Dataset, E | Unwritable | DatasetTooLarge, R>
    /** The datasets that are complete here; not those of which slots are hosted. */
    readonly list: Effect.Effect<ReadonlyArray<Dataset>, Unreadable>
    readonly manifest: (cid: Cid) => Effect.Effect<Manifest, Unreadable>
    /** The CIDs of the data blocks, in order. */
    readonly blocks: (manifest: Manifest) => Effect.Effect<ReadonlyArray<Cid>, Unreadable>
    /** The dataset's bytes, from the blocks that are here. */
    readonly read: (cid: Cid) => Stream.Stream<Uint8Array, Unreadable>
    /** Nothing there: nothing happens. */
    readonly remove: (cid: Cid) => Effect.Effect<void, BlockStoreError>

    /** Writes the slot manifest of a dataset that is here, beside it. */
    readonly layOut: (
      cid: Cid,
      slotSizeBytes: bigint,
      slotRoots: ReadonlyArray<Uint8Array>,
    ) => Effect.Effect<Cid, Unreadable | Unwritable>
    readonly slotManifest: (cid: Cid) => Effect.Effect<SlotManifest, Unreadable>
    /** The blocks of one slot, by the slot manifest's CID. */
    readonly slotBlocks: (cid: Cid, slotIndex: bigint) => Effect.Effect<SlotBlocks, Unreadable>
  }
>()("@pecia/datasets/Datasets") {}
