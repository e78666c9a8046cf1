import { assert } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { anOffer, aSlot, type MakeLayer, slotIdOf, tester } from "./fixtures.ts"

export const caching = (layer: MakeLayer): void => {
  const test = tester(layer)

  test("a volume is kept until it is let go of; what is let go of stays booked, and can be kept again", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.hold("a", 10n)
      yield* ledger.writeMetadata("b", 1n)
      assert.deepStrictEqual(yield* ledger.cached, [])
      yield* ledger.cache("b")
      yield* ledger.cache("a")
      assert.deepStrictEqual(yield* ledger.cached, ["b", "a"])
      assert.deepInclude(yield* ledger.space, { reservedBytes: 10n, metadataUsedBytes: 1n })
      yield* ledger.cache("b")
      assert.deepStrictEqual(yield* ledger.cached, ["a", "b"], "the last time counts")
      yield* ledger.keep("a")
      yield* ledger.keep("a")
      assert.deepStrictEqual(yield* ledger.cached, ["b"])
    }))

  test("what is not there is not let go of", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.cache("a")
      yield* ledger.keep("b")
      assert.deepStrictEqual(yield* ledger.volumes, [])
      yield* ledger.hold("a", 10n)
      assert.deepStrictEqual(yield* ledger.cached, [])
    }))

  test("a volume that was let go of is so while bytes come and go, until it is given back", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.hold("a", 10n)
      yield* ledger.cache("a")
      yield* ledger.write("a", 5n)
      yield* ledger.trim("a")
      yield* ledger.settle("a", { dataBytes: 0n, metadataBytes: 0n })
      assert.deepStrictEqual(yield* ledger.cached, ["a"])
      yield* ledger.hold("a", 3n)
      assert.deepStrictEqual(yield* ledger.cached, ["a"])
      yield* ledger.giveBack("a")
      assert.deepStrictEqual(yield* ledger.cached, [])
      assert.deepStrictEqual(yield* ledger.volumes, [])
    }))

  test("an empty volume is forgotten when it is kept again", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.hold("a", 10n)
      yield* ledger.cache("a")
      yield* ledger.trim("a")
      yield* ledger.keep("a")
      assert.deepStrictEqual(yield* ledger.volumes, [])
    }))

  test("under another name it may go as before, unless something that is kept stands there", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.hold("a", 10n)
      yield* ledger.cache("a")
      yield* ledger.hold("b", 1n)
      yield* ledger.cache("b")
      yield* ledger.rename("a", "c")
      assert.deepStrictEqual(yield* ledger.cached, ["b", "c"])
      yield* ledger.rename("b", "c")
      assert.deepStrictEqual(yield* ledger.cached, ["c"])
      yield* ledger.hold("kept", 1n)
      yield* ledger.rename("c", "kept")
      assert.deepStrictEqual(yield* ledger.cached, [])
    }))

  test("a slot is kept by its contract: to let go of it is a defect; what was let go of before is kept once reserved", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.offer(anOffer({ totalBytes: 500n }))
      yield* ledger.writeMetadata(slotIdOf(1), 5n)
      yield* ledger.cache(slotIdOf(1))
      yield* ledger.reserve(aSlot(1))
      assert.deepStrictEqual(yield* ledger.cached, [])
      assert.isTrue(Exit.hasDies(yield* Effect.exit(ledger.cache(slotIdOf(1)))))
      yield* ledger.keep(slotIdOf(1))
      assert.deepStrictEqual(yield* ledger.cached, [])
      assert.lengthOf(yield* ledger.reservations, 1)
    }))

  test("a quota sold to the last byte takes all of its slots' bytes, whatever was let go of beside them", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.hold("cache", 900n)
      yield* ledger.write("cache", 900n)
      yield* ledger.cache("cache")
      yield* ledger.offer(anOffer({ totalBytes: 100n }))
      yield* ledger.reserve(aSlot(1))
      assert.strictEqual((yield* Effect.flip(ledger.hold("other", 1n)))._tag, "OverQuota")
      assert.strictEqual((yield* Effect.flip(ledger.offer(anOffer({ totalBytes: 1n }))))._tag, "OverQuota")
      yield* ledger.write(slotIdOf(1), 60n)
      yield* ledger.giveBack("cache")
      yield* ledger.hold("other", 900n)
      yield* ledger.write(slotIdOf(1), 40n)
      assert.deepInclude(yield* ledger.space, { usedBytes: 100n, reservedBytes: 900n })
    }))
}
