import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { BlockSpace } from "../../BlockSpace.ts"
import { BlockStore } from "../../BlockStore.ts"
import { dataBlock, freeBytes, putAll, quotaBytes, type Test } from "./fixtures.ts"

/** What becomes of volumes that are kept, and of those that were let go of. */
export const caching = (test: Test): void => {
  test(
    "a volume is kept until it is let go of; then it is served until it is evicted, and can be kept again",
    Effect.gen(function* () {
      const store = yield* BlockStore
      yield* Effect.forEach(["a", "b", "c"], (volume, i) => putAll(volume, [dataBlock(i)]))
      assert.strictEqual(yield* store.evict(quotaBytes), 0n)
      yield* Effect.forEach(["a", "b", "not there"], store.cache)
      yield* Effect.forEach(["a", "not there"], store.keep)
      assert.deepStrictEqual(
        (yield* store.volumes).map(({ volume, isCached }) => [volume, isCached]),
        [
          ["a", false],
          ["b", true],
          ["c", false],
        ],
      )
      assert.strictEqual((yield* store.get(dataBlock(1).cid)).length, 1000)
      assert.strictEqual(yield* store.evict(quotaBytes), 1000n)
      assert.isFalse(yield* store.has(dataBlock(1).cid))
      assert.strictEqual(yield* freeBytes, quotaBytes - 2000n)
      assert.deepStrictEqual(yield* (yield* BlockSpace).cached, [])
    }),
  )

  test(
    "no more is evicted than is asked for, and first what was not read for longest",
    Effect.gen(function* () {
      const store = yield* BlockStore
      const names = ["a", "b", "c", "d", "e"]
      yield* Effect.forEach(names, (volume, i) => putAll(volume, [dataBlock(i)]))
      yield* Effect.forEach(names, store.cache)
      yield* store.get(dataBlock(0).cid)
      yield* store.check("b", dataBlock(1).cid)
      assert.strictEqual(yield* store.evict(0n), 0n)
      assert.strictEqual(yield* store.evict(1000n), 1000n)
      assert.isFalse(yield* store.has(dataBlock(1).cid), "a check is no use")
      assert.strictEqual(yield* store.evict(1001n), 2000n)
      assert.deepStrictEqual(
        (yield* store.volumes).map(({ volume }) => volume),
        ["a", "e"],
      )
    }),
  )

  test(
    "evicted by several at once, each volume gives its bytes back once",
    Effect.gen(function* () {
      const store = yield* BlockStore
      const names = Array.from({ length: 20 }, (_, i) => `volume ${i}`)
      yield* Effect.forEach(names, (volume, i) => putAll(volume, [dataBlock(i)]))
      yield* Effect.forEach(names, store.cache)
      const given = yield* Effect.forEach(names, () => store.evict(1000n), { concurrency: "unbounded" })
      const evicted = given.reduce((sum, bytes) => sum + bytes, 0n)
      assert.strictEqual(yield* freeBytes, quotaBytes - (20_000n - evicted))
      assert.strictEqual((yield* store.volumes).length, 20 - Number(evicted / 1000n))
    }),
  )

  test(
    "a volume that may go may go under another name; a kept one that takes its name is kept",
    Effect.gen(function* () {
      const store = yield* BlockStore
      yield* putAll("a", [dataBlock(1)])
      yield* putAll("b", [dataBlock(2)])
      yield* store.cache("a")
      yield* store.rename("a", "c")
      assert.deepStrictEqual(yield* (yield* BlockSpace).cached, ["c"])
      yield* store.rename("b", "c")
      assert.strictEqual(yield* store.evict(quotaBytes), 0n)
      assert.isTrue(yield* store.has(dataBlock(2).cid))
    }),
  )

  test(
    "a quota taken to the last byte: what was reserved takes its blocks, and caches make room for the others",
    Effect.gen(function* () {
      const store = yield* BlockStore
      const space = yield* BlockSpace
      yield* space.hold("slot", 10_000n)
      yield* putAll("kept", [dataBlock(100)])
      for (let i = 0; i < 5; i++) {
        yield* putAll(`cache ${i}`, [dataBlock(i)])
        yield* store.cache(`cache ${i}`)
      }
      yield* space.hold("rest", yield* freeBytes)
      yield* store.put("slot", dataBlock(10))
      assert.strictEqual((yield* Effect.flip(space.hold("other", 1500n)))._tag, "SpaceExhausted")
      assert.strictEqual(yield* store.evict(1500n), 2000n)
      yield* space.hold("other", 1500n)
      yield* Effect.forEach([11, 12, 13, 14, 15, 16, 17, 18, 19], (seed) => store.put("slot", dataBlock(seed)), {
        concurrency: "unbounded",
      })
      assert.strictEqual(yield* store.evict(quotaBytes), 3000n)
      const names = (yield* store.volumes).map(({ volume, blocks }) => [volume, blocks] as const)
      assert.sameDeepMembers(names, [
        ["slot", 10],
        ["kept", 1],
      ])
    }),
  )
}
