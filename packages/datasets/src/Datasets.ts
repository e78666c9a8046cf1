import { Context, type Effect, Layer, type Stream } from "effect"
import type { Block, Cid } from "./Block.ts"
import type { BlockSpace } from "./BlockSpace.ts"
import type { BlockStore } from "./BlockStore.ts"
import type { BlockCorrupt, BlockNotFound, BlockStoreError } from "./BlockStoreError.ts"
import type { DatasetTooLarge, InvalidLabel } from "./DatasetError.ts"
import * as StoredDatasets from "./internal/storedDatasets.ts"
import type { InvalidManifest, Manifest, SlotManifest } from "./Manifest.ts"
import type { InvalidSlotLayout, SlotBlocks } from "./SlotLayout.ts"
import type { SpaceError, SpaceExhausted } from "./SpaceError.ts"

export interface Dataset {
  readonly cid: Cid
  readonly manifest: Manifest
}

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
    ) => Effect.Effect<Dataset, E | Unwritable | DatasetTooLarge | InvalidLabel, R>
    /**
     * Stores a dataset that comes from elsewhere: its manifest, the list of its blocks, and the blocks in the order of the list.
     * Nothing remains of an import that fails.
     */
    readonly import: <E, R>(
      manifest: Block,
      list: Block,
      blocks: Stream.Stream<Block, E, R>,
    ) => Effect.Effect<Dataset, E | Unwritable | InvalidManifest, R>
    /** The datasets that are complete here; not those of which slots are hosted, nor those whose manifest was altered on disk. */
    readonly list: Effect.Effect<ReadonlyArray<Dataset>, BlockStoreError>
    readonly manifest: (cid: Cid) => Effect.Effect<Manifest, Unreadable>
    /** The CIDs of the data blocks, in order. */
    readonly blocks: (manifest: Manifest) => Effect.Effect<ReadonlyArray<Cid>, Unreadable>
    /** The dataset's bytes, from the blocks that are here. */
    readonly read: (cid: Cid) => Stream.Stream<Uint8Array, Unreadable>
    /** Nothing there: nothing happens. */
    readonly remove: (cid: Cid) => Effect.Effect<void, BlockStoreError>

    /** Writes the slot manifest of a dataset that is here, beside it. Its slots are laid out by `SlotLayout`. */
    readonly layOut: (
      cid: Cid,
      slotSizeBytes: bigint,
      slotRoots: ReadonlyArray<Uint8Array>,
    ) => Effect.Effect<Cid, Unreadable | Unwritable | InvalidSlotLayout>
    /**
     * Writes the content block of each slot of a slot manifest that is here, beside its dataset, and answers with their CIDs in the
     * order of the slots. Where there is no room for all of them, none is written; those that are there already take none.
     */
    readonly contentsOf: (slotManifest: Cid) => Effect.Effect<ReadonlyArray<Cid>, Unreadable | Unwritable>
    readonly slotManifest: (cid: Cid) => Effect.Effect<SlotManifest, Unreadable>
    /** The blocks of one slot, by the slot manifest's CID. */
    readonly slotBlocks: (cid: Cid, slotIndex: bigint) => Effect.Effect<SlotBlocks, Unreadable | InvalidSlotLayout>
  }
>()("@pecia/datasets/Datasets") {
  static readonly layer: Layer.Layer<Datasets, never, BlockStore | BlockSpace> = Layer.effect(
    Datasets,
    StoredDatasets.make,
  )
}
