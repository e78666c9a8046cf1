import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { Availability, AvailabilityId } from "../../Availability.ts"
import { anOffer, aSlot, type MakeLayer, slotIdOf, tester } from "./fixtures.ts"

const maxInteger = 2n ** 63n - 1n
const unknownId = AvailabilityId.make(`0x${"ab".repeat(32)}`)

export const offering = (layer: MakeLayer): void => {
  const test = tester(layer)

  test("an empty ledger has nothing on offer and all of its quota left", (ledger) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* ledger.availabilities, [])
      assert.deepInclude(yield* ledger.space, { quotaBytes: 1000n, usedBytes: 0n, reservedBytes: 0n })
      assert.deepInclude(yield* ledger.space, { metadataQuotaBytes: 100n, metadataUsedBytes: 0n })
    }))

  test("an offer is kept with all of its terms, under an id of its own, and is free", (ledger) =>
    Effect.gen(function* () {
      const terms = { enabled: false, untilSeconds: 9n, minPricePerBytePerSecond: 2n ** 256n - 1n, totalCollateral: 0n }
      const first = yield* ledger.offer(anOffer({ totalBytes: 300n, ...terms }))
      assert.deepStrictEqual(
        first,
        new Availability({ ...anOffer({ totalBytes: 300n, ...terms }), id: first.id, freeBytes: 300n }),
      )
      const second = yield* ledger.offer(anOffer())
      assert.notStrictEqual(first.id, second.id)
      assert.deepStrictEqual(yield* ledger.availability(first.id), first)
      assert.deepStrictEqual(yield* ledger.availabilities, [first, second])
      assert.strictEqual((yield* ledger.space).reservedBytes, 400n)
    }))

  test("exactly the rest of the quota can be offered, and not a byte more", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.offer(anOffer({ totalBytes: 600n }))
      const error = yield* Effect.flip(ledger.offer(anOffer({ totalBytes: 401n })))
      assert.deepInclude(error, { _tag: "OverQuota", askedBytes: 401n, leftBytes: 400n })
      yield* ledger.offer(anOffer({ totalBytes: 400n }))
      const full = yield* Effect.flip(ledger.offer(anOffer({ totalBytes: 1n })))
      assert.deepInclude(full, { _tag: "OverQuota", leftBytes: 0n })
      assert.lengthOf(yield* ledger.availabilities, 2)
    }))

  for (const [term, values] of [
    ["totalBytes", [0n, -1n, maxInteger + 1n, 2n ** 64n + 1n]],
    ["durationSeconds", [0n, -1n, maxInteger + 1n]],
    ["minPricePerBytePerSecond", [-1n, 2n ** 256n]],
    ["totalCollateral", [-1n, 2n ** 256n]],
    ["untilSeconds", [-1n, maxInteger + 1n]],
  ] as const) {
    test(`${term} out of range is refused, never cut to size`, (ledger) =>
      Effect.gen(function* () {
        for (const value of values) {
          const error = yield* Effect.flip(ledger.offer(anOffer({ [term]: value })))
          assert.strictEqual(error._tag, "InvalidOffer")
          assert.include(error.message, `${term} is ${value}`)
        }
        assert.deepStrictEqual(yield* ledger.availabilities, [])
      }))
  }

  test("a size that is valid but beyond the quota is over quota", (ledger) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(ledger.offer(anOffer({ totalBytes: maxInteger })))
      assert.deepInclude(error, { _tag: "OverQuota", askedBytes: maxInteger, leftBytes: 1000n })
    }))

  test("releasing takes free bytes off the market; the last one deletes the record", (ledger) =>
    Effect.gen(function* () {
      const { id } = yield* ledger.offer(anOffer({ totalBytes: 300n }))
      yield* ledger.release(id, 100n)
      assert.deepInclude(yield* ledger.availability(id), { totalBytes: 200n, freeBytes: 200n })
      assert.strictEqual((yield* ledger.space).reservedBytes, 200n)
      yield* ledger.release(id, 0n)
      yield* ledger.release(id, 200n)
      assert.deepStrictEqual(yield* ledger.availabilities, [])
      const error = yield* Effect.flip(ledger.release(id, 0n))
      assert.deepInclude(error, { _tag: "UnknownAvailability", availabilityId: id })
    }))

  test("releasing more than is free is refused and changes nothing", (ledger) =>
    Effect.gen(function* () {
      const { id } = yield* ledger.offer(anOffer({ totalBytes: 300n }))
      yield* ledger.reserve(aSlot(1))
      for (const bytes of [201n, 300n, 2n ** 64n + 1n]) {
        const error = yield* Effect.flip(ledger.release(id, bytes))
        assert.deepInclude(error, { _tag: "OverRelease", availabilityId: id, askedBytes: bytes, freeBytes: 200n })
      }
      assert.deepInclude(yield* ledger.availability(id), { totalBytes: 300n, freeBytes: 200n })
    }))

  test("a record on which a slot stands outlives the release of its last free byte, and the slot's bytes come back to it", (ledger) =>
    Effect.gen(function* () {
      const { id } = yield* ledger.offer(anOffer({ totalBytes: 300n }))
      yield* ledger.reserve(aSlot(1))
      yield* ledger.release(id, 200n)
      assert.deepInclude(yield* ledger.availability(id), { totalBytes: 100n, freeBytes: 0n })
      yield* ledger.giveBack(slotIdOf(1))
      assert.deepInclude(yield* ledger.availability(id), { totalBytes: 100n, freeBytes: 100n })
      yield* ledger.reserve(aSlot(2))
      yield* ledger.giveBack(slotIdOf(2))
      yield* ledger.release(id, 100n)
      assert.deepStrictEqual(yield* ledger.availabilities, [])
    }))

  test("an unknown availability is a typed error", (ledger) =>
    Effect.gen(function* () {
      assert.strictEqual((yield* Effect.flip(ledger.availability(unknownId)))._tag, "UnknownAvailability")
      assert.strictEqual((yield* Effect.flip(ledger.release(unknownId, 1n)))._tag, "UnknownAvailability")
    }))
}
