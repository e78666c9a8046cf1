import type { ErasureCode } from "@pecia/erasure"
import type { BlockRoots } from "@pecia/trees"
import { Context, type Effect, Layer, type Stream } from "effect"
import type { Cid } from "./Block.ts"
import type { BlockSource } from "./BlockSource.ts"
import type { BlockSpace } from "./BlockSpace.ts"
import type { BlockStore } from "./BlockStore.ts"
import type { BlockCorrupt, BlockNotFound, BlockStoreError } from "./BlockStoreError.ts"
import type { Datasets } from "./Datasets.ts"
import type { InvalidManifest } from "./InvalidManifest.ts"
import * as StoredSlots from "./internal/storedSlots.ts"
import type { InvalidSlotLayout, SlotShape } from "./SlotLayout.ts"
import type { SlotManifest } from "./SlotManifest.ts"
import type { TooFewSlots, UnknownCodec } from "./SlotsError.ts"
import type { SpaceError, SpaceExhausted } from "./SpaceError.ts"

/** A dataset that is laid out over slots. */
export interface LaidOut {
  /** The slot manifest. */
  readonly cid: Cid
  readonly manifest: SlotManifest
}

type Unreadable = BlockNotFound | BlockCorrupt | BlockStoreError | InvalidManifest
type Unwritable = SpaceExhausted | SpaceError | BlockStoreError

/** The slots of datasets: made from a dataset that is here, kept one by one, made anew from any so many others. */
export class Slots extends Context.Service<
  Slots,
  {
    /**
     * Lays a dataset that is here out over slots and codes their parity, a stripe at a time. Parity and what describes the slots is
     * kept until `drop`; the data stays where it is.
     */
    readonly lay: (
      dataset: Cid,
      shape: SlotShape,
    ) => Effect.Effect<LaidOut, Unreadable | Unwritable | InvalidSlotLayout>
    /** Removes what `lay` made. Nothing there: nothing happens. */
    readonly drop: (slotManifest: Cid) => Effect.Effect<void, BlockStoreError>
    /** Writes, beside the slots, a block for each of them that leads from the hash in an open request to the slot. */
    readonly contentsOf: (slotManifest: Cid) => Effect.Effect<ReadonlyArray<Cid>, Unreadable | Unwritable>
    /**
     * Brings one slot into a volume that has space for it, and what leads to it: from the source, and what cannot be had there, its
     * parts as well, coded from any so many other slots as the data has. What is kept was compared with its name and its root. The slot
     * manifest is written last. What fails leaves what it has brought, and goes on from there if the source looks into the store first.
     */
    readonly store: <E, R>(
      volume: string,
      slotManifest: Cid,
      slotIndex: number,
      source: BlockSource<E, R>,
    ) => Effect.Effect<void, E | TooFewSlots | UnknownCodec | InvalidManifest | SpaceExhausted | BlockStoreError, R>
    /** The bytes of the dataset, from whatever slots can be had. */
    readonly read: <E, R>(
      slotManifest: Cid,
      source: BlockSource<E, R>,
    ) => Stream.Stream<Uint8Array, E | TooFewSlots | UnknownCodec | InvalidManifest, R>
  }
>()("@pecia/datasets/Slots") {
  static readonly layer: Layer.Layer<Slots, never, BlockStore | BlockSpace | Datasets | ErasureCode | BlockRoots> =
    Layer.effect(Slots, StoredSlots.make)
}
