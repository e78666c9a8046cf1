import { Effect } from "effect"
import { blockKey } from "./blockKey.ts"
import type { Medium } from "./medium.ts"

/** Blocks by their keys, by the names of their volumes. */
export type Memory = Map<string, Map<string, Uint8Array>>

export const make = (volumes: Memory = new Map()): Medium => ({
  open: Effect.succeed([]),
  write: (volume, cid, bytes) =>
    Effect.sync(() => {
      const blocks = volumes.get(volume) ?? new Map<string, Uint8Array>()
      // A copy: the caller may go on using its buffer.
      volumes.set(volume, blocks.set(blockKey(cid), bytes.slice()))
    }),
  read: (volume, cid) => Effect.sync(() => volumes.get(volume)?.get(blockKey(cid))?.slice() ?? "missing"),
  erase: (volume, cid) => Effect.sync(() => void volumes.get(volume)?.delete(blockKey(cid))),
  drop: (volume) => Effect.sync(() => void volumes.delete(volume)),
  rename: (from, to) =>
    Effect.sync(() => {
      volumes.set(to, volumes.get(from) ?? new Map())
      volumes.delete(from)
    }),
  renamed: () => Effect.void,
})
