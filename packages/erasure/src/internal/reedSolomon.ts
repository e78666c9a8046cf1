// The one place that knows the library. Its code is wasm without checks: what is not a code word traps or gives nonsense, so
// only recipes that `shape` has made come here.
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { ReedSolomonErasure } from "@digitaldefiance/reed-solomon-erasure.wasm"
import { type Computed, type Order, parityIn, piecesOf } from "./Order.ts"

let loaded: ReedSolomonErasure | undefined

const load = () => {
  const file = createRequire(import.meta.url).resolve("@digitaldefiance/reed-solomon-erasure.wasm/wasm")
  return ReedSolomonErasure.fromBytes(readFileSync(file))
}

const mustBeOk = (result: number): void => {
  if (result !== ReedSolomonErasure.RESULT_OK)
    throw new Error(`The erasure code failed: ${ReedSolomonErasure.getResultMessage(result)}.`)
}

/** Computes the wanted shards, in the room of the order. Each of the library's two steps is taken only if it is needed. */
export const compute = (order: Order): Computed => {
  loaded ??= load()
  const { k, known, room, shardSizeBytes, wanted } = order
  const parityKnown = parityIn(k, known)
  const parityWanted = parityIn(k, wanted)
  const isKnown = Array.from({ length: k + parityKnown }, (_, index) => known.includes(index))
  const shards = wanted.map(() => new Uint8Array(shardSizeBytes))

  for (const { from, sizeBytes, word } of piecesOf(order)) {
    const shardsUpTo = (end: number) => word.subarray(0, end * sizeBytes)
    if (parityKnown > 0) mustBeOk(loaded.reconstruct(shardsUpTo(k + parityKnown), k, parityKnown, isKnown))
    if (parityWanted > 0) mustBeOk(loaded.encode(shardsUpTo(k + parityWanted), k, parityWanted))
    wanted.forEach((index, i) => {
      shards[i]?.set(word.subarray(index * sizeBytes, (index + 1) * sizeBytes), from)
    })
  }
  return { shards, room }
}
