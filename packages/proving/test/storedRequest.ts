import { Address, Nonce, StorageAsk, StorageContent, StorageRequest } from "@pecia/contracts-abi"
import { Datasets } from "@pecia/datasets"
import { Effect, Stream } from "effect"
import { ProofScheme, SlotRoots } from "../src/index.ts"
import { hexFrom } from "./sampleData.ts"

/** Stores bytes as a dataset, lays it out over slots, and writes the request that a client would make. */
export const storedRequest = Effect.fnUntraced(function* (bytes: Uint8Array, slots: number, samples: number) {
  const datasets = yield* Datasets
  const { cid } = yield* datasets.upload(Stream.succeed(bytes))
  const { slotSizeBytes, slotRoots, datasetRoot } = yield* SlotRoots.compute(cid, slots)
  const content = yield* datasets.layOut(cid, slotSizeBytes, slotRoots)
  return new StorageRequest({
    client: Address.make(`0x${"11".repeat(20)}`),
    ask: new StorageAsk({
      slots: BigInt(slots),
      slotSize: slotSizeBytes,
      duration: 3600n,
      proofProbability: 4n,
      reward: 1n,
      maxSlotLoss: 0n,
    }),
    content: new StorageContent({
      cid: content.toString(),
      erasure: { totalChunks: 0n },
      por: yield* Effect.fromResult(ProofScheme.encode({ root: datasetRoot, samples })),
    }),
    expiry: 1_800_000_000n,
    nonce: Nonce.make(hexFrom("nonce")),
  })
})
