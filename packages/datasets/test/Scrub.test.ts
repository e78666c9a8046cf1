import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Random, Stream } from "effect"
import { TestClock } from "effect/testing"
import { type Block, BlockSpace, BlockStore, BlockStoreError, type Cid, Scrub } from "../src/index.ts"
import { BlockDamageTest, BlockStoreTest } from "../src/testing/index.ts"
import { fileStore, memoryStore } from "./damagedStores.ts"

const { dataBlock } = BlockStoreTest

/** 1,000 bytes each: one a second. */
const rate = { bytesPerSecond: 1000, roundEvery: "1 hour" } as const

const putAll = Effect.fnUntraced(function* (volume: string, blocks: ReadonlyArray<Block>) {
  const store = yield* BlockStore
  yield* (yield* BlockSpace).hold(volume, BigInt(blocks.length) * 1000n)
  for (const block of blocks) yield* store.put(volume, block)
})

const seeds = (from: number, count: number) => Array.from({ length: count }, (_, i) => dataBlock(from + i))

/** The store, and the blocks that are checked in the order in which they are. */
const watched = Effect.map(BlockStore, (store) => {
  const checked: Array<string> = []
  const watching = BlockStore.of({
    ...store,
    check: (volume, cid) =>
      Effect.tap(store.check(volume, cid), () => Effect.sync(() => checked.push(`${volume} ${cid}`))),
  })
  return { checked, store: watching }
})

for (const [name, layer] of [
  ["in memory", memoryStore],
  ["on files", fileStore],
] as const) {
  describe(`Scrub of a store ${name}`, () => {
    it.effect("finds each damaged block, reports it, and again in the next round if it still is damaged", () =>
      Effect.gen(function* () {
        const store = yield* BlockStore
        const damage = yield* BlockDamageTest.Damage
        yield* putAll("a", seeds(0, 5))
        yield* putAll("b", seeds(5, 5))
        yield* damage.alter("a", dataBlock(3).cid)
        yield* damage.lose("b", dataBlock(7).cid)
        const listener = yield* Effect.forkChild(Stream.runCollect(Stream.take(store.corruptions, 4)), {
          startImmediately: true,
        })
        const scrubbing = yield* Effect.forkChild(Effect.never.pipe(Effect.provide(Scrub.layer(rate))), {
          startImmediately: true,
        })
        const ticking = yield* Effect.forkChild(Effect.forever(TestClock.adjust("1 second")))
        const corruptions = yield* Fiber.join(listener)
        yield* Fiber.interruptAll([ticking, scrubbing])
        const found = corruptions.map(({ cid, volume }) => `${volume} ${cid}`)
        const both = [`a ${dataBlock(3).cid}`, `b ${dataBlock(7).cid}`]
        assert.sameMembers(found.slice(0, 2), both)
        assert.sameMembers(found.slice(2), both)
      }).pipe(Effect.provide(layer)),
    )
  })
}

const latest = Effect.flatMap(Scrub, ({ progress }) => Effect.flatMap(Stream.runHead(progress), Effect.fromOption))

const scrubbing = (store: BlockStore["Service"]) =>
  Layer.fresh(Scrub.layer(rate)).pipe(Layer.provide(Layer.succeed(BlockStore, store)))

describe("Scrub", () => {
  it.effect("reads each block of each volume once a round, at no more than its rate, and then rests", () =>
    Effect.gen(function* () {
      const { checked, store } = yield* watched
      yield* putAll("a", seeds(0, 6))
      yield* putAll("b", seeds(6, 4))
      yield* putAll("empty", [])
      yield* Effect.gen(function* () {
        for (let second = 0; second < 10; second++) {
          yield* TestClock.adjust("1 millis")
          assert.lengthOf(checked, second + 1)
          yield* TestClock.adjust("999 millis")
        }
        assert.lengthOf(new Set(checked), 10)
        yield* TestClock.adjust("59 minutes")
        assert.lengthOf(checked, 10)
        yield* TestClock.adjust("1 hour")
        assert.lengthOf(checked, 20)
        assert.lengthOf(new Set(checked), 10)
        assert.deepStrictEqual(yield* latest, { round: 2, doneBytes: 10_000n, totalBytes: 10_000n, damaged: 0 })
      }).pipe(Effect.provide(scrubbing(store)))
    }).pipe(Effect.provide(memoryStore)),
  )

  it.effect("that is started anew every time before it is through reaches each block all the same", () =>
    Effect.gen(function* () {
      const { checked, store } = yield* watched
      yield* putAll("a", seeds(0, 10))
      yield* putAll("b", seeds(10, 10))
      for (let run = 0; run < 60; run++) {
        yield* TestClock.adjust("3 seconds").pipe(Effect.provide(scrubbing(store)))
      }
      assert.lengthOf(new Set(checked), 20)
      assert.isAtMost(checked.length, 60 * 4)
    }).pipe(Random.withSeed("scrub"), Effect.provide(memoryStore)),
  )

  it.effect("does not catch up on what a slow disk has cost", () =>
    Effect.gen(function* () {
      const { checked, store } = yield* watched
      yield* putAll("a", seeds(0, 10))
      const slow = BlockStore.of({
        ...store,
        check: (volume, cid) =>
          Effect.delay(store.check(volume, cid), checked.length === 2 ? "60 seconds" : "0 seconds"),
      })
      yield* Effect.gen(function* () {
        yield* TestClock.adjust("62 seconds")
        assert.isAtMost(checked.length, 4)
        yield* TestClock.adjust("3 seconds")
        assert.isAtMost(checked.length, 7)
        assert.isAtLeast(checked.length, 6)
      }).pipe(Effect.provide(scrubbing(slow)))
    }).pipe(Effect.provide(memoryStore)),
  )

  it.effect("goes on after a volume is dropped in the middle of it, or a block cannot be read", () =>
    Effect.gen(function* () {
      const { checked, store } = yield* watched
      yield* putAll("a", seeds(0, 10))
      yield* putAll("b", seeds(10, 10))
      const isUnreadable = (cid: Cid) => cid.equals(dataBlock(4).cid) || cid.equals(dataBlock(14).cid)
      const unreadable = BlockStore.of({
        ...store,
        check: (volume, cid) =>
          isUnreadable(cid)
            ? Effect.fail(new BlockStoreError({ operation: "read", cause: new Error("too many files are open") }))
            : store.check(volume, cid),
      })
      yield* Effect.gen(function* () {
        yield* TestClock.adjust("4 seconds")
        const first = checked[0]?.startsWith("a ") ? "a" : "b"
        yield* store.drop(first)
        yield* TestClock.adjust("20 seconds")
        const others = checked.filter((one) => !one.startsWith(first))
        assert.lengthOf(new Set(others), 9)
        assert.isAtMost(checked.length - others.length, 6)
        assert.strictEqual((yield* latest).damaged, 0)
      }).pipe(Effect.provide(scrubbing(unreadable)))
    }).pipe(Effect.provide(memoryStore)),
  )

  it.effect("of nothing rests", () =>
    Effect.gen(function* () {
      const { checked, store } = yield* watched
      yield* Effect.gen(function* () {
        yield* TestClock.adjust("90 minutes")
        assert.strictEqual((yield* latest).round, 2)
        assert.lengthOf(checked, 0)
      }).pipe(Effect.provide(scrubbing(store)))
    }).pipe(Effect.provide(memoryStore)),
  )
})
