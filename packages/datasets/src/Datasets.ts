import { Context, type Effect, Layer, type Stream } from "effect"
import type { Cid } from "./Block.ts"
import type { BlockSource } from "./BlockSource.ts"
import type { BlockSpace } from "./BlockSpace.ts"
import type { BlockStore } from "./BlockStore.ts"
import type { BlockCorrupt, BlockNotFound, BlockStoreError } from "./BlockStoreError.ts"
import type { DatasetTooLarge, InvalidLabel } from "./DatasetError.ts"
import type { InvalidCar } from "./InvalidCar.ts"
import type { InvalidManifest } from "./InvalidManifest.ts"
import * as StoredDatasets from "./internal/storedDatasets.ts"
import type { Manifest } from "./Manifest.ts"
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
    /** Brings a dataset here from elsewhere. One that is here is mended where it is damaged. Nothing remains of an import that fails. */
    readonly import: <E, R>(
      cid: Cid,
      source: BlockSource<E, R>,
    ) => Effect.Effect<Dataset, E | Unwritable | InvalidManifest, R>
    /**
     * Brings a dataset here from a CAR archive (version 1, blocks in any order): one whose root is the manifest of a dataset, or a file
     * of IPFS in the shape of `FileTree`, of which a dataset without labels is made. Nothing remains of an import that fails.
     */
    readonly importCar: <E, R>(
      bytes: Stream.Stream<Uint8Array, E, R>,
    ) => Effect.Effect<Dataset, E | Unwritable | InvalidCar | InvalidManifest, R>
    /** The datasets that are complete here; not those of which slots are hosted, nor those whose manifest was altered on disk. */
    readonly list: Effect.Effect<ReadonlyArray<Dataset>, BlockStoreError>
    readonly manifest: (cid: Cid) => Effect.Effect<Manifest, Unreadable>
    /** The CIDs of the data blocks, in order. */
    readonly blocks: (manifest: Manifest) => Stream.Stream<Cid, Unreadable>
    /** The dataset's bytes, from the blocks that are here. */
    readonly read: (cid: Cid) => Stream.Stream<Uint8Array, Unreadable>
    /** Nothing there: nothing happens. */
    readonly remove: (cid: Cid) => Effect.Effect<void, BlockStoreError>
  }
>()("@pecia/datasets/Datasets") {
  static readonly layer: Layer.Layer<Datasets, never, BlockStore | BlockSpace> = Layer.effect(
    Datasets,
    StoredDatasets.make,
  )
}
