import { Address, Nonce, StorageAsk, StorageContent, StorageRequest } from "@pecia/contracts-abi"
import { Datasets, type LaidOut, type SlotShape, Slots } from "@pecia/datasets"
import { DatasetTree } from "@pecia/trees"
import { Effect, Stream } from "effect"
import { ProofScheme } from "../src/index.ts"
import { hexFrom } from "./sampleData.ts"

/** Stores bytes as a dataset, and lays it out over slots: so many, all of data, or as the shape says. */
export const laidOut = Effect.fnUntraced(function* (bytes: Uint8Array, slots: number | SlotShape) {
  const { cid } = yield* (yield* Datasets).upload(Stream.succeed(bytes))
  return yield* (yield* Slots).lay(cid, typeof slots === "number" ? { data: slots, parity: 0 } : slots)
})

/** The request that a client would make for slots that are laid out. */
export const requestFor = Effect.fnUntraced(function* ({ cid, manifest }: LaidOut, samples: number) {
  const { root } = DatasetTree.fromSlotRoots(manifest.slots.map((slot) => slot.root))
  return new StorageRequest({
    client: Address.make(`0x${"11".repeat(20)}`),
    ask: new StorageAsk({
      slots: BigInt(manifest.slots.length),
      slotSize: manifest.slotSizeBytes,
      duration: 3600n,
      proofProbability: 4n,
      reward: 1n,
      maxSlotLoss: BigInt(manifest.parity),
    }),
    content: new StorageContent({
      cid: cid.toString(),
      erasure: { totalChunks: 0n },
      por: yield* Effect.fromResult(ProofScheme.encode({ root, samples })),
    }),
    expiry: 1_800_000_000n,
    nonce: Nonce.make(hexFrom("nonce")),
  })
})

export const storedRequest = Effect.fnUntraced(function* (
  bytes: Uint8Array,
  slots: number | SlotShape,
  samples: number,
) {
  return yield* requestFor(yield* laidOut(bytes, slots), samples)
})
