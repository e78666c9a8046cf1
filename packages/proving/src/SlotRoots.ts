import { BlockStore, type Cid, Datasets, SlotLayout } from "@pecia/datasets"
import { DatasetTree, SlotTree } from "@pecia/trees"
import { Effect } from "effect"
import { blockRootsOf } from "./internal/blockRoots.ts"

/** A dataset's slots, as `Datasets.layOut` and `ProofScheme.encode` take them. */
export interface SlotRoots {
  /** The least size of equal slots that hold the data, a multiple of 65,536. */
  readonly slotSizeBytes: bigint
  /** The 32-byte root of each slot, by index. */
  readonly slotRoots: ReadonlyArray<Uint8Array>
  /** The root that joins them, 32 bytes: `u` of the request's `content.por`. */
  readonly datasetRoot: Uint8Array
}

export const SlotRoots = {
  /** Computes the roots of a dataset that is here, laid out over so many slots. Reads each block once, keeps 32 bytes of it. */
  compute: Effect.fn("SlotRoots.compute")(function* (dataset: Cid, slots: number) {
    const datasets = yield* Datasets
    const store = yield* BlockStore
    const blocks = yield* datasets.blocks(yield* datasets.manifest(dataset))
    const { slotSizeBytes, slotBlocks } = yield* Effect.fromResult(SlotLayout.make(blocks, slots))
    const slotRoots: Array<Uint8Array> = []
    for (let index = 0n; index < slots; index++) {
      const found = yield* Effect.orDie(Effect.fromOption(slotBlocks(index)))
      slotRoots.push(SlotTree.fromBlockRoots(yield* blockRootsOf(store, found)).root)
    }
    return { slotSizeBytes, slotRoots, datasetRoot: DatasetTree.fromSlotRoots(slotRoots).root } satisfies SlotRoots
  }),
}
