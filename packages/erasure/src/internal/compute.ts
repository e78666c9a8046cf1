import type { Computed, Order } from "./Order.ts"
import * as Wasm from "./wasm.ts"

/** Longer shards are coded a piece at a time, so that the engine's memory does not grow with them. */
const pieceSizeBytesMax = 65_536

/** Many shapes, one after the other, leave holes in the engine's memory. Beyond this size another takes its place. */
const memorySizeBytesMax = 67_108_864

let idle: Wasm.Engine | undefined

/** How many parity shards there are up to the last of these indices. */
const parityUpTo = (k: number, indices: ReadonlyArray<number>): number => Math.max(k - 1, ...indices) - (k - 1)

/**
 * Computes the wanted shards. A shard depends on k, its index and the data, not on how many parity shards there are: so the code word is
 * laid out only up to the last shard that is used, and each of the two steps is taken only if it is needed.
 */
export const compute = ({ k, known, room, shardSizeBytes, wanted }: Order): Computed => {
  const engine = idle ?? Wasm.start()
  idle = undefined
  const parityKnown = parityUpTo(k, known)
  const parityWanted = parityUpTo(k, wanted)
  const isKnown = Array.from({ length: k + parityKnown }, (_, index) => known.includes(index))
  const wordSizeBytes = (k + Math.max(parityKnown, parityWanted)) * Math.min(pieceSizeBytesMax, shardSizeBytes)
  const word = engine.allocate(wordSizeBytes)
  const shards = wanted.map(() => new Uint8Array(shardSizeBytes))

  for (let from = 0; from < shardSizeBytes; from += pieceSizeBytesMax) {
    const size = Math.min(pieceSizeBytesMax, shardSizeBytes - from)
    known.forEach((index, i) => {
      engine.bytes().set(new Uint8Array(room, i * shardSizeBytes + from, size), word + index * size)
    })
    if (parityKnown > 0) engine.reconstruct(word, (k + parityKnown) * size, k, parityKnown, isKnown)
    if (parityWanted > 0) engine.encode(word, (k + parityWanted) * size, k, parityWanted)
    wanted.forEach((index, i) => {
      const at = word + index * size
      shards[i]?.set(engine.bytes().subarray(at, at + size), from)
    })
  }

  engine.free(word, wordSizeBytes)
  if (engine.bytes().length <= memorySizeBytesMax) idle = engine
  return { shards, room }
}
