// Free of Effect, which a thread would take a second to load.
import { hash } from "node:crypto"
import { createRequire } from "node:module"

/** Hashes a row of 64-byte pairs into a row of 32-byte nodes, half as long; the rows must not overlap. */
export type HashRow = (pairs: Uint8Array, nodes: Uint8Array) => void

/** One pair at a time, by node:crypto: about thirty times slower, the same bytes. */
export const hashRowPortable: HashRow = (pairs, nodes) => {
  for (let at = 0; at < nodes.length; at += 32) {
    nodes.set(hash("sha256", pairs.subarray(at * 2, at * 2 + 64), "buffer"), at)
  }
}

const isHashRow = (value: unknown): value is HashRow => typeof value === "function"

/** `hashInto` of a library; undefined where it cannot be loaded, or is another one than we know. */
export const hashRowOf = (load: () => unknown): HashRow | undefined => {
  try {
    const { hashInto } = Object(load())
    return isHashRow(hashInto) ? hashInto : undefined
  } catch {
    return undefined
  }
}

/** Many pairs at once; undefined where the library has no binary for the platform. */
export const hashRowNative: HashRow | undefined = hashRowOf(() => createRequire(import.meta.url)("@chainsafe/hashtree"))

export const hashRow: HashRow = hashRowNative ?? hashRowPortable

const pair = new Uint8Array(64)

/** The node above two nodes. */
export const hashPair = (left: Uint8Array, right: Uint8Array): Uint8Array => {
  const node = new Uint8Array(32)
  pair.set(left)
  pair.set(right, 32)
  hashRow(pair, node)
  return node
}
