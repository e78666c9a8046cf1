import { blockBytes, blockDepth } from "../Merkle.ts"
import { hashRow } from "./sha256.ts"

/** Blocks on their way to a thread. */
export interface Batch {
  /** Begins with the blocks, one after the other, filled up with zeros. */
  readonly room: ArrayBuffer
  readonly blocks: number
}

/** Their roots, and the room, to be used again. */
export interface Hashed {
  readonly roots: Uint8Array
  readonly room: ArrayBuffer
}

/** 1 MiB: to send a message takes about as long as the tree of one block. */
export const batchBlocksMax = 16

export const newRoom = (): ArrayBuffer => new ArrayBuffer(batchBlocksMax * blockBytes)

/** The blocks are copied, so that the room can be moved and the caller keeps its own. */
export const place = (room: ArrayBuffer, blocks: ReadonlyArray<Uint8Array>): Batch => {
  const bytes = new Uint8Array(room)
  blocks.forEach((block, i) => {
    bytes.set(block, i * blockBytes)
    bytes.fill(0, i * blockBytes + block.length, (i + 1) * blockBytes)
  })
  return { room, blocks: blocks.length }
}

// Rows are written here by turns. Those of all blocks of a batch are hashed together, since short rows take longer by the byte.
const above = [1, 2].map((level) => new Uint8Array((batchBlocksMax * blockBytes) >> level))

export const hashed = ({ room, blocks }: Batch): Hashed => {
  let row = new Uint8Array(room, 0, blocks * blockBytes)
  for (let level = 0; level < blockDepth; level++) {
    const next = above[level % 2]?.subarray(0, row.length / 2) ?? new Uint8Array()
    hashRow(row, next)
    row = next
  }
  return { roots: row.slice(), room }
}
