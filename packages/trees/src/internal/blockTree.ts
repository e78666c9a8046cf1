// Free of Effect, which a thread would take a second to load.
import { blockBytes, blockDepth, type Tree } from "../Merkle.ts"
import { hashRow } from "./sha256.ts"

/** A block is filled up with zeros; a longer one is a defect. */
export const filledUp = (bytes: Uint8Array): Uint8Array => {
  if (bytes.length === blockBytes) return bytes
  const full = new Uint8Array(blockBytes)
  full.set(bytes)
  return full
}

// One place that is written over and over: new memory for each block would cost a good part of what hashing it costs.
const rows = Array.from({ length: blockDepth }, (_, level) => new Uint8Array(blockBytes >> (level + 1)))
const root = rows[blockDepth - 1] ?? new Uint8Array()

/** The tree over the pairs of a full block: its lowest row are their hashes. It stands only until the next block's. */
export const blockTree = (block: Uint8Array): Tree => {
  let below = block
  for (const row of rows) {
    hashRow(below, row)
    below = row
  }
  return { rows, root }
}
