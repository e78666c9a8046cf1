import { Address, ContentHash, Nonce, OpenRequest } from "@pecia/contracts-abi"
import { type SlotShape, Slots } from "@pecia/datasets"
import { Effect } from "effect"
import { hexFrom } from "./sampleData.ts"
import { laidOut } from "./storedRequest.ts"

/** Stores bytes as a dataset, lays it out over slots, and writes the open request that a client would make for each of them. */
export const storedOpenRequests = Effect.fnUntraced(function* (bytes: Uint8Array, shape: number | SlotShape) {
  const { cid, manifest } = yield* laidOut(bytes, shape)
  return (yield* (yield* Slots).contentsOf(cid)).map((content, index) =>
    openRequestFor(content.multihash.digest, manifest.slotSizeBytes, index),
  )
})

export const openRequestFor = (contentHash: Uint8Array, size: bigint, index = 0) =>
  new OpenRequest({
    client: Address.make(`0x${"11".repeat(20)}`),
    duration: 3600n,
    size,
    contentHash: ContentHash.fromBytes(contentHash),
    proofProbability: 4n,
    maxPrice: 1n,
    expiry: 1_800_000_000n,
    nonce: Nonce.make(hexFrom(`nonce ${index}`)),
  })
