import { Option } from "effect"
import { blockTree, filledUp } from "./internal/blockTree.ts"
import { blockBytes, blockDepth, pathIn, type Tree, treeOver, zeroRoot } from "./Merkle.ts"

/**
 * The upper part of a slot's tree, from the roots of its 64 KiB blocks up: 64 bytes a block. What is below a block root is
 * computed anew from the block's bytes when it is needed.
 */
export interface SlotTree extends Tree {}

/** A 64-byte pair of a slot, and the siblings that lead from it to the slot root, bottom up. */
export interface RevealedPair {
  readonly pair: Uint8Array
  readonly path: ReadonlyArray<Uint8Array>
}

const pairsPerBlock = blockBytes / 64

export const SlotTree = {
  /** The root of a block of at most 64 KiB, filled up with zeros; takes about 0.1 ms. A longer block is a defect (RangeError). */
  blockRoot: (bytes: Uint8Array): Uint8Array => blockTree(filledUp(bytes)).root.slice(),

  /** The root of a block of zeros. */
  zeroBlockRoot: zeroRoot(blockDepth),

  /** The tree of a slot, from its block roots in order: 32 bytes each, at least one. */
  fromBlockRoots: (blockRoots: Uint8Array): SlotTree => treeOver(blockRoots, blockDepth),

  /** In which block of its slot a pair lies. */
  blockOfPair: (pair: bigint): number => Number(pair / BigInt(pairsPerBlock)),

  /**
   * Reveals a pair of the slot, given the bytes of the block that it lies in, of which it is a part. None: these are not the bytes
   * the tree was made from.
   */
  reveal: (tree: SlotTree, pair: bigint, bytes: Uint8Array): Option.Option<RevealedPair> => {
    const index = SlotTree.blockOfPair(pair)
    const at = Number(pair % BigInt(pairsPerBlock))
    const block = filledUp(bytes)
    const below = blockTree(block)
    const blockRoot = tree.rows[0]?.subarray(index * 32, index * 32 + 32) ?? new Uint8Array()
    if (Buffer.compare(blockRoot, below.root) !== 0) return Option.none()
    return Option.some({
      pair: block.subarray(at * 64, at * 64 + 64),
      path: [...pathIn(below, at, 1).map((node) => node.slice()), ...pathIn(tree, index, blockDepth)],
    })
  },
}
