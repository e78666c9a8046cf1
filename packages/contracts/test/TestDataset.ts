import { SlotId } from "@pecia/contracts-abi"
import { ProofScheme, SlotProof } from "@pecia/proving"
import { DatasetTree, SlotTree } from "@pecia/trees"
import { Option, Result } from "effect"
import { hexlify } from "ethers"

/** Bytes of a 64 KiB block, which differ from pair to pair. */
export const blockOf = (seed: number) =>
  Uint8Array.from({ length: 65_536 }, (_, i) => (seed * 101 + i * 31 + (i >> 6) * 7 + (i >> 14)) % 251)

/** A dataset of which all is known: the blocks of each slot, as many in each. A block that is named twice is hashed once. */
export const testDataset = (slots: ReadonlyArray<ReadonlyArray<Uint8Array>>, samples: number) => {
  const roots = new Map<Uint8Array, Uint8Array>()
  const rootOf = (block: Uint8Array) => {
    const root = roots.get(block) ?? SlotTree.blockRoot(block)
    roots.set(block, root)
    return root
  }
  const trees = slots.map((blocks) => SlotTree.fromBlockRoots(Buffer.concat(blocks.map(rootOf))))
  const dataset = DatasetTree.fromSlotRoots(trees.map(({ root }) => root))
  const scheme = { root: Uint8Array.from(dataset.root), samples }
  const { u, publicKey, name } = Result.getOrThrow(ProofScheme.encode(scheme))
  const slotSize = BigInt(slots[0]?.length ?? 0) * 65_536n
  return {
    slotSize,
    content: {
      cid: "zb2rhheVmk3bLks5MgzTqyznLu1zqGH5jrfTA1eAZXrjx7Vob",
      erasure: { totalChunks: 12n },
      por: { u: hexlify(u), publicKey: hexlify(publicKey), name: hexlify(name) },
    },
    /** What the slot's host answers to the challenge. */
    proof: (slotIndex: number, slotId: string, challenge: string) => {
      const [tree, blocks] = [trees[slotIndex], slots[slotIndex]]
      if (tree === undefined || blocks === undefined) throw new Error(`the dataset has no slot ${slotIndex}`)
      const about = { slotSizeBytes: slotSize, slots: BigInt(slots.length), slotIndex: BigInt(slotIndex) }
      const shape = Result.getOrThrow(ProofScheme.shape(scheme, about.slotSizeBytes, about.slots))
      const pairs = SlotProof.sampledPairs(shape, { ...about, scheme, challenge, slotId: SlotId.make(slotId) })
      const revealed = pairs.map((pair) =>
        Option.getOrThrow(SlotTree.reveal(tree, pair, blocks[SlotTree.blockOfPair(pair)] ?? new Uint8Array())),
      )
      return hexlify(SlotProof.encode(revealed, DatasetTree.path(dataset, slotIndex)))
    },
  }
}
