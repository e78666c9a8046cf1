import { hash } from "node:crypto"
import { createRequire } from "node:module"
import { Result } from "effect"

/** Hashes a row of 64-byte pairs into a row of 32-byte nodes, half as long; the rows must not overlap. */
export type HashRow = (pairs: Uint8Array, nodes: Uint8Array) => void

/** One pair at a time, by node:crypto: about thirty times slower, the same bytes. */
export const hashRowPortable: HashRow = (pairs, nodes) => {
  for (let at = 0; at < nodes.length; at += 32) {
    nodes.set(hash("sha256", pairs.subarray(at * 2, at * 2 + 64), "buffer"), at)
  }
}

const isHashRow = (value: unknown): value is HashRow => typeof value === "function"

/** `hashInto` of a library; fails where it cannot be loaded, or is another one than we know. */
export const hashRowOf = (load: () => unknown): Result.Result<HashRow, Error> =>
  Result.try({
    try: () => Object(load()).hashInto,
    catch: (cause) => new Error("The hashing library cannot be loaded.", { cause }),
  }).pipe(Result.filterOrFail(isHashRow, () => new Error("The hashing library has no function hashInto.")))

/** Many pairs at once; fails where the library has no binary for the platform. */
export const hashRowNative: Result.Result<HashRow, Error> = hashRowOf(() =>
  createRequire(import.meta.url)("@chainsafe/hashtree"),
)

export const hashRow: HashRow = Result.getOrElse(hashRowNative, () => hashRowPortable)

/** The node above two nodes. */
export const hashPair = (left: Uint8Array, right: Uint8Array): Uint8Array => {
  const pair = new Uint8Array(64)
  pair.set(left)
  pair.set(right, 32)
  return new Uint8Array(hash("sha256", pair, "buffer"))
}
