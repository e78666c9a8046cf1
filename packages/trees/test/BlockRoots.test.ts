import { assert, describe, it } from "@effect/vitest"
import { WorkerDied } from "@pecia/workers"
import { Cause, Effect, Exit } from "effect"
import { BlockRoots, SlotTree } from "../src/index.ts"
import * as ThreadRoots from "../src/internal/threadRoots.ts"
import { BlockRootsTest, bytesFrom } from "../src/testing/index.ts"

BlockRootsTest.suite("BlockRoots.layer", BlockRoots.layer)
BlockRootsTest.suite("BlockRoots.layerThreads(1)", BlockRoots.layerThreads(1))
BlockRootsTest.suite("BlockRoots.layerInThread", BlockRoots.layerInThread)

const deathOf = Effect.fnUntraced(function* (call: Effect.Effect<unknown>) {
  const exit = yield* Effect.exit(call)
  const defect = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
  return defect instanceof WorkerDied ? defect.message : assert.fail(`no thread has died, but: ${defect}`)
})

describe("a thread that dies", () => {
  it.effect("fails the calls whose blocks it had, and is replaced for later ones", () =>
    Effect.gen(function* () {
      const of = yield* ThreadRoots.make({ file: new URL("threads/dying.ts", import.meta.url), size: 1 })
      const good = [bytesFrom("one", 500), bytesFrom("two", 65_536)]
      const bad = [Uint8Array.of(66), ...good]
      const [death, roots] = yield* Effect.all([deathOf(of(bad)), of(good)], { concurrency: "unbounded" })
      assert.include(death, "does not like this block")
      assert.deepStrictEqual(roots, Uint8Array.from(Buffer.concat(good.map(SlotTree.blockRoot))))
      assert.deepStrictEqual(yield* of(good), roots)
    }),
  )

  it.effect("before it has begun fails each call", () =>
    Effect.gen(function* () {
      const of = yield* ThreadRoots.make({ file: new URL("threads/missing.ts", import.meta.url) })
      for (let i = 0; i < 2; i++) assert.include(yield* deathOf(of([bytesFrom(1, 1), bytesFrom(2, 1)])), "missing.ts")
    }),
  )
})
