import { hashPair, hashRow } from "./internal/sha256.ts"

/**
 * A binary sha256 tree over 32-byte nodes: `rows[0]` is the lowest row, each row stands above the one before, the last is the root
 * alone. Nodes behind the end of a row are missing: they are roots of trees of zeros, and are not stored.
 */
export interface Tree {
  readonly rows: ReadonlyArray<Uint8Array>
  /** 32 bytes. */
  readonly root: Uint8Array
}

/** A slot is a whole number of blocks of so many bytes. */
export const blockBytes = 65_536

/** Levels from a block's 32-byte chunks up to its root. */
export const blockDepth = 11

/** How many levels a tree over `width` nodes has above them: ceil(log2(width)). */
export const depthOf = (width: bigint): number => (width <= 1n ? 0 : (width - 1n).toString(2).length)

/** The root of a tree of zeros that has `level` levels above its 32-byte leaves. */
export const zeroRoot = (level: number): Uint8Array =>
  zeroRoots[level] ?? hashPair(zeroRoot(level - 1), zeroRoot(level - 1))

const zeroRoots: Array<Uint8Array> = [new Uint8Array(32)]
for (let level = 1; level <= 64; level++) zeroRoots.push(zeroRoot(level))

/** Builds the tree over a row of nodes, at least one, which have `level` levels below them. */
export const treeOver = (lowest: Uint8Array, level = 0): Tree => {
  const rows = [lowest]
  let root = lowest
  for (let height = level; root.length > 32; height++) {
    const above = new Uint8Array(Math.ceil(root.length / 64) * 32)
    hashRow(root.length % 64 === 0 ? root : Buffer.concat([root, zeroRoot(height)]), above)
    rows.push(above)
    root = above
  }
  return { rows, root }
}

/** The siblings of a lowest node and of all nodes between it and the root, bottom up. */
export const pathIn = ({ rows }: Tree, index: number, level = 0): ReadonlyArray<Uint8Array> =>
  rows.slice(0, -1).map((row, height) => {
    const at = (Math.floor(index / 2 ** height) ^ 1) * 32
    return at < row.length ? row.subarray(at, at + 32) : zeroRoot(level + height)
  })

/** The root to which a node leads along a path; the bits of `index`, from the lowest on, tell left (0) from right (1). */
export const climb = (node: Uint8Array, index: bigint, path: Uint8Array): Uint8Array => {
  let at = node
  for (let height = 0; height * 32 < path.length; height++) {
    const sibling = path.subarray(height * 32, height * 32 + 32)
    at = (index >> BigInt(height)) & 1n ? hashPair(sibling, at) : hashPair(at, sibling)
  }
  return at
}

export { hashPair }
