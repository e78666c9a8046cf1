import { Effect, Result } from "effect"
import { Block } from "../../Block.ts"
import { BlockSpace } from "../../BlockSpace.ts"
import { BlockStore } from "../../BlockStore.ts"

/** A test of a store that is built for it alone. */
export type Test = <A, E>(sentence: string, effect: Effect.Effect<A, E, BlockStore | BlockSpace>) => void

/** The quota that the ledger under test has to have: bytes of data. */
export const quotaBytes = 1_048_576n

/** A block of data of which no two with different seeds are equal. */
export const dataBlock = (seed: number, sizeBytes = 1000): Block =>
  Result.getOrThrow(Block.data(Uint8Array.from({ length: sizeBytes }, (_, i) => (seed * 31 + (i % 251)) % 256)))

export const metadataBlock = (seed: number): Block => Result.getOrThrow(Block.metadata(Uint8Array.of(0x18, 24 + seed)))

/** How much of the quota is neither held nor written: the most that can be held. */
export const freeBytes = Effect.gen(function* () {
  const space = yield* BlockSpace
  let [fits, tooMany] = [0n, quotaBytes + 1n]
  while (tooMany - fits > 1n) {
    const middle = (fits + tooMany) / 2n
    const held = yield* Effect.result(space.hold("probe", middle))
    yield* space.giveBack("probe")
    if (Result.isSuccess(held)) fits = middle
    else tooMany = middle
  }
  return fits
})

/** Holds the bytes of blocks, then stores them. */
export const putAll = Effect.fnUntraced(function* (volume: string, blocks: ReadonlyArray<Block>) {
  const space = yield* BlockSpace
  const store = yield* BlockStore
  for (const block of blocks) {
    yield* space.hold(volume, BigInt(block.bytes.length))
    yield* store.put(volume, block)
  }
})
