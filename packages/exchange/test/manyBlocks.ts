import { Block } from "@pecia/datasets"
import { Result } from "effect"

/** Blocks of 64 KiB, the same in each process; no two are equal. */
export function* manyBlocks(count: number) {
  for (let i = 0; i < count; i++) {
    const bytes = new Uint8Array(65_536).fill(i & 0xff)
    bytes.set([i >> 24, i >> 16, i >> 8, i])
    yield Result.getOrThrow(Block.data(bytes))
  }
}
