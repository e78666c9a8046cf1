import { StorageContent, type StoragePor } from "@pecia/contracts-abi"
import { type Cid, Datasets, Manifest } from "@pecia/datasets"
import { ProofScheme, SlotRoots } from "@pecia/proving"
import { Effect } from "effect"

/** Lays a dataset that is here out over slots: writes the slot manifest, `layout`, beside it. */
export const layOutSlots = Effect.fn("SlotPreparation.layOut")(function* (cid: Cid, slots: number) {
  const datasets = yield* Datasets
  const { slotSizeBytes, slotRoots, datasetRoot } = yield* SlotRoots.compute(cid, slots)
  return { slotSizeBytes, datasetRoot, layout: yield* datasets.layOut(cid, slotSizeBytes, slotRoots) }
})

/** A dataset, ready to be asked for in a request. */
export interface PreparedSlots {
  readonly slotSizeBytes: bigint
  readonly content: StorageContent
}

/** Lays a dataset that is here out over slots and computes what a request says of it: the slot manifest's CID and the root. */
export const prepareSlots = Effect.fn("SlotPreparation.prepare")(function* (cid: Cid, slots: number) {
  const datasets = yield* Datasets
  const { slotSizeBytes, datasetRoot, layout } = yield* layOutSlots(cid, slots)
  const por: StoragePor = yield* Effect.orDie(
    Effect.fromResult(ProofScheme.encode({ root: datasetRoot, samples: ProofScheme.samplesDefault })),
  )
  const totalChunks = BigInt(Manifest.blockCount(yield* datasets.manifest(cid)))
  const content = new StorageContent({ cid: `${layout}`, erasure: { totalChunks }, por })
  return { slotSizeBytes, content } satisfies PreparedSlots
})
