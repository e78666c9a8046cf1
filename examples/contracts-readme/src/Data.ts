import { createHash } from "node:crypto"
import { ContentHash, type OfferId, type OpenRequest, SlotId } from "@pecia/contracts-abi"
import { ProofScheme, SlotProof } from "@pecia/proving"
import { SlotTree } from "@pecia/trees"
import { Effect } from "effect"

/** The data of the example: one block, which its host has and its client wants kept. */
export const data = new Uint8Array(65_536).map((_, index) => index % 251)
export const sizeBytes = BigInt(data.length)

const sha256 = (...parts: ReadonlyArray<Uint8Array | string>) =>
  Uint8Array.from(parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest())

/** The digest of the manifest by which hosts find the data. */
const manifestDigest = sha256("the manifest of the example")
const tree = SlotTree.fromBlockRoots(SlotTree.blockRoot(data))

/** Names the data and what proofs of it lead to: the hash of the manifest's digest, then the root of the data's tree. */
export const contentHash = ContentHash.fromBytes(sha256(manifestDigest, tree.root))

/** The bytes that answer a challenge: sampled pairs of the data, and what leads from them to the content hash. */
export const prove = Effect.fn("prove")(function* (request: OpenRequest, offerId: OfferId, challenge: string) {
  const scheme = { root: ContentHash.toBytes(request.contentHash), samples: 5 }
  const statement = {
    scheme,
    slotSizeBytes: request.size,
    // the data is the second of two slots; the first is the manifest's digest
    slots: 2n,
    slotIndex: 1n,
    slotId: SlotId.make(offerId),
    challenge,
  }
  const shape = yield* Effect.fromResult(ProofScheme.shape(scheme, request.size, 2n))
  const pairs = yield* Effect.forEach(SlotProof.sampledPairs(shape, statement), (pair) =>
    Effect.fromOption(SlotTree.reveal(tree, pair, data)),
  )
  return SlotProof.encode(pairs, [manifestDigest])
})
