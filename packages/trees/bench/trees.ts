// The trees of 1 GiB, in worker threads, against plain sha256 of the same bytes on one thread.
// node --conditions=@pecia/source bench/trees.ts
import { createHash, randomFillSync } from "node:crypto"
import { BlockRoots, SlotTree } from "@pecia/trees"
import { Console, Duration, Effect } from "effect"

const runs = 5
const target = 2

// 64 MiB, 16 times: as much as no cache holds, and little memory.
const times = 16
const blocks = Array.from({ length: 1024 }, () => randomFillSync(new Uint8Array(65_536)))
/** Blocks in a call: 4 MiB. */
const window = 64

const windows = Array.from({ length: (times * blocks.length) / window }, (_, i) => (i * window) % blocks.length)

const plain = Effect.sync(() => {
  const hash = createHash("sha256")
  for (let i = 0; i < times; i++) for (const block of blocks) hash.update(block)
  return hash.digest()
})

const trees = Effect.gen(function* () {
  const { of } = yield* BlockRoots
  const roots = yield* Effect.forEach(windows, (start) => of(blocks.slice(start, start + window)), { concurrency: 2 })
  return SlotTree.fromBlockRoots(Buffer.concat(roots)).root
})

/** Seconds that went by, and seconds of all cores together. */
const cost = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const before = process.cpuUsage()
  const [duration] = yield* Effect.timed(effect)
  const { user, system } = process.cpuUsage(before)
  return { wall: Duration.toSeconds(duration), cores: (user + system) / 1e6 }
})

await Effect.gen(function* () {
  yield* (yield* BlockRoots).of(blocks) // starts the threads
  const least = { sha256: Number.POSITIVE_INFINITY, trees: Number.POSITIVE_INFINITY }
  for (let run = 0; run < runs; run++) {
    const [sha256, tree] = [yield* cost(plain), yield* cost(trees)]
    least.sha256 = Math.min(least.sha256, sha256.wall)
    least.trees = Math.min(least.trees, tree.wall)
    const ofCores = (tree.cores / sha256.cores).toFixed(2)
    yield* Console.log(
      `1 GiB: sha256 ${sha256.wall.toFixed(2)} s, trees ${tree.wall.toFixed(2)} s; of the cores' time ${ofCores} times as much`,
    )
  }
  const ratio = (least.trees / least.sha256).toFixed(2)
  yield* Console.log(`trees of 1 GiB / plain sha256: ${ratio} (least times of ${runs} runs; target: at most ${target})`)
}).pipe(Effect.provide(BlockRoots.layer), Effect.runPromise)
