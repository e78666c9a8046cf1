import { WorkerPool } from "@pecia/workers"
import { Effect } from "effect"
import type { BlockRoots } from "../BlockRoots.ts"
import { SlotTree } from "../SlotTree.ts"
import type { Tasks } from "../thread.ts"
import { batchBlocksMax, newRoom, place } from "./Batch.ts"

/** The roots of blocks that are not too long, hashed by the threads of a file. */
export const make = Effect.fnUntraced(function* (options: { readonly file: URL; readonly size?: number | undefined }) {
  const pool = yield* WorkerPool.make<Tasks>(options)
  // Memory that is new costs about as much as hashing what is put into it. There are never more rooms than threads.
  const rooms: Array<ArrayBuffer> = []

  const rootsOf = (blocks: ReadonlyArray<Uint8Array>) =>
    pool
      .call("roots", () => {
        const value = place(rooms.pop() ?? newRoom(), blocks)
        return { value, moved: [value.room] }
      })
      .pipe(
        Effect.map(({ room, roots }) => {
          rooms.push(room)
          return roots
        }),
      )

  const of: BlockRoots["Service"]["of"] = Effect.fnUntraced(function* (blocks) {
    const [first, second] = blocks
    // To ask a thread for one block takes this one as long as its tree does; from two on, the thread is quicker.
    if (first !== undefined && second === undefined) return SlotTree.blockRoot(first)
    const roots = new Uint8Array(blocks.length * 32)
    const starts = Array.from({ length: Math.ceil(blocks.length / batchBlocksMax) }, (_, i) => i * batchBlocksMax)
    yield* Effect.forEach(
      starts,
      (start) =>
        Effect.map(rootsOf(blocks.slice(start, start + batchBlocksMax)), (some) => roots.set(some, start * 32)),
      { concurrency: pool.size, discard: true },
    )
    return roots
  })
  return of
})
