import { blockBytes } from "../Merkle.ts"
import { blockTree } from "./blockTree.ts"

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

export const hashed = ({ room, blocks }: Batch): Hashed => {
  const roots = new Uint8Array(blocks * 32)
  for (let i = 0; i < blocks; i++) {
    roots.set(blockTree(new Uint8Array(room, i * blockBytes, blockBytes)).root, i * 32)
  }
  return { roots, room }
}
