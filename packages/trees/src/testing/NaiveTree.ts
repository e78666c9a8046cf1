import { createHash } from "node:crypto"

// The scheme once more, straight from its words: slow, recursive, and sharing nothing with the package.

const sha256 = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const hash = createHash("sha256")
  for (const part of parts) hash.update(part)
  return Uint8Array.from(hash.digest())
}

const zero = new Uint8Array(32)

/** A node: its level above the leaves and its place in that level. */
export const naiveNode = (leaves: ReadonlyArray<Uint8Array>, level: number, index: number): Uint8Array =>
  level === 0
    ? (leaves[index] ?? zero)
    : sha256(naiveNode(leaves, level - 1, index * 2), naiveNode(leaves, level - 1, index * 2 + 1))

export const naiveDepth = (leaves: number): number => Math.ceil(Math.log2(leaves))

export const naivePath = (leaves: ReadonlyArray<Uint8Array>, fromLevel: number, index: number, depth: number) => {
  const path: Array<Uint8Array> = []
  for (let level = fromLevel, at = index; level < depth; level++, at = Math.floor(at / 2)) {
    path.push(naiveNode(leaves, level, at % 2 === 0 ? at + 1 : at - 1))
  }
  return path
}

/** The 32-byte chunks of a slot: short data is filled with zeros. */
export const chunksOf = (data: Uint8Array, slotSizeBytes: number): ReadonlyArray<Uint8Array> =>
  Array.from({ length: slotSizeBytes / 32 }, (_, i) => {
    const chunk = new Uint8Array(32)
    chunk.set(data.subarray(i * 32, i * 32 + 32))
    return chunk
  })

export const naiveRoot = (leaves: ReadonlyArray<Uint8Array>): Uint8Array =>
  naiveNode(leaves, naiveDepth(leaves.length), 0)
