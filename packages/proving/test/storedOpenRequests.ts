import { Address, ContentHash, Nonce, OpenRequest } from "@pecia/contracts-abi"
import { Datasets } from "@pecia/datasets"
import { Effect, Stream } from "effect"
import { SlotRoots } from "../src/index.ts"
import { hexFrom } from "./sampleData.ts"

/** Stores bytes as a dataset, lays it out over slots, and writes the open request that a client would make for each of them. */
export const storedOpenRequests = Effect.fnUntraced(function* (bytes: Uint8Array, slots: number) {
  const datasets = yield* Datasets
  const { cid } = yield* datasets.upload(Stream.succeed(bytes))
  const { slotSizeBytes, slotRoots } = yield* SlotRoots.compute(cid, slots)
  const contents = yield* datasets.contentsOf(yield* datasets.layOut(cid, slotSizeBytes, slotRoots))
  return contents.map(
    (content, index) =>
      new OpenRequest({
        client: Address.make(`0x${"11".repeat(20)}`),
        duration: 3600n,
        size: slotSizeBytes,
        contentHash: ContentHash.fromBytes(content.multihash.digest),
        proofProbability: 4n,
        maxPrice: 1n,
        expiry: 1_800_000_000n,
        nonce: Nonce.make(hexFrom(`nonce ${index}`)),
      }),
  )
})
