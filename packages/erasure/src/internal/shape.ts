import { Result } from "effect"
import { InvalidShape, TooFewShards } from "../ErasureError.ts"
import type { Recipe } from "./Order.ts"

/** The field has 256 elements, and each shard needs one of its own. */
export const maxShards = 256

const count = (n: number) => Number.isInteger(n) && n >= 0

/** Why k + m shards are no code word. */
const wrongCounts = (k: number, m: number): string | undefined => {
  if (!count(k) || k < 1) return `k is ${k}, not a whole number of 1 or more`
  if (!count(m)) return `the number of parity shards is ${m}, not a whole number of 0 or more`
  if (k + m > maxShards) return `${k} + ${m} shards are more than ${maxShards}`
  return undefined
}

/** How long the shards all are, or why that cannot be said. */
const sizeOf = (shards: ReadonlyArray<Uint8Array>): Result.Result<number, InvalidShape> => {
  const sizes = new Set(shards.map((shard) => shard.length))
  const [size = 0] = sizes
  if (sizes.size > 1) return invalid(`they have different lengths (${[...sizes].join(", ")} bytes)`)
  return size === 0 ? invalid("they are empty") : Result.succeed(size)
}

const invalid = (detail: string) => Result.fail(new InvalidShape({ detail }))

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

export const ofEncoding = (data: ReadonlyArray<Uint8Array>, parity: number): Result.Result<Recipe, InvalidShape> => {
  const k = data.length
  const wrong = wrongCounts(k, parity)
  if (wrong !== undefined) return invalid(wrong)
  return Result.map(sizeOf(data), (shardSizeBytes) => ({
    k,
    shardSizeBytes,
    known: range(0, k),
    wanted: range(k, k + parity),
  }))
}

/** Of the shards that are there, the first k are used: data before parity, which is the least work. */
export const ofReconstruction = (
  shards: ReadonlyArray<Uint8Array | undefined>,
  k: number,
  wanted: ReadonlyArray<number>,
): Result.Result<Recipe, InvalidShape | TooFewShards> => {
  const wrong = wrongCounts(k, shards.length - k)
  if (wrong !== undefined) return invalid(wrong)
  const stranger = wanted.find((index) => !count(index) || index >= shards.length)
  if (stranger !== undefined) return invalid(`shard ${stranger} is wanted of ${shards.length}`)
  const present = range(0, shards.length).filter((index) => shards[index] !== undefined)
  if (present.length < k) return Result.fail(new TooFewShards({ present: present.length, needed: k }))
  const size = sizeOf(shards.filter((shard) => shard !== undefined))
  return Result.map(size, (shardSizeBytes) => ({
    k,
    shardSizeBytes,
    known: present.slice(0, k),
    wanted: [...new Set(wanted)].filter((index) => shards[index] === undefined),
  }))
}
