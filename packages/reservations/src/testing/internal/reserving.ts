import { assert } from "@effect/vitest"
import { Effect, Option } from "effect"
import type { Offer } from "../../Availability.ts"
import { Reservation, type SlotDemand } from "../../Reservation.ts"
import { anOffer, aSlot, type MakeLayer, slotIdOf, tester } from "./fixtures.ts"

export const reserving = (layer: MakeLayer): void => {
  const test = tester(layer)

  test("a slot that fits exactly takes the whole availability", (ledger) =>
    Effect.gen(function* () {
      const { id } = yield* ledger.offer(anOffer({ totalBytes: 100n }))
      const reservation = yield* ledger.reserve(aSlot(7))
      const { endSeconds, requestId, slotId, slotIndex } = aSlot(7)
      const expected = {
        market: "Marketplace" as const,
        requestId,
        slotIndex,
        slotId,
        availabilityId: id,
        sizeBytes: 100n,
        writtenBytes: 0n,
        endSeconds,
      }
      assert.deepStrictEqual(reservation, new Reservation(expected))
      assert.deepInclude(yield* ledger.availability(id), { totalBytes: 100n, freeBytes: 0n })
      assert.deepStrictEqual(yield* ledger.reservation(slotId), Option.some(reservation))
      assert.deepStrictEqual(yield* ledger.reservations, [reservation])
      assert.strictEqual((yield* ledger.space).reservedBytes, 100n)
    }))

  test("a reservation remembers its market; a demand that names none is of the marketplace", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.offer(anOffer({ totalBytes: 200n }))
      yield* ledger.reserve(aSlot(1))
      yield* ledger.reserve(aSlot(2, { market: "OfferMarket" }))
      const marketOf = (n: number) =>
        Effect.map(ledger.reservation(slotIdOf(n)), (found) => Option.getOrUndefined(found)?.market)
      assert.strictEqual(yield* marketOf(1), "Marketplace")
      assert.strictEqual(yield* marketOf(2), "OfferMarket")
      assert.sameMembers(
        (yield* ledger.reservations).map(({ market }) => market),
        ["Marketplace", "OfferMarket"],
      )
    }))

  test("the availability that fits best is taken: least left over, then the oldest", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.offer(anOffer({ totalBytes: 300n }))
      yield* ledger.offer(anOffer({ totalBytes: 99n }))
      const tight = yield* ledger.offer(anOffer({ totalBytes: 120n }))
      const alike = yield* ledger.offer(anOffer({ totalBytes: 120n }))
      yield* ledger.offer(anOffer({ totalBytes: 110n, enabled: false }))
      assert.strictEqual((yield* ledger.reserve(aSlot(1))).availabilityId, tight.id)
      assert.strictEqual((yield* ledger.reserve(aSlot(2))).availabilityId, alike.id)
    }))

  const exclusions: ReadonlyArray<[Partial<Offer>, Partial<SlotDemand>, RegExp]> = [
    [{ totalBytes: 99n }, {}, /1 of 1: too little free space \(100 bytes needed, at most 99 free\)/],
    [{}, { sizeBytes: 101n, pricePerSecond: 202n }, /too little free space \(101 bytes needed, at most 100 free\)/],
    [{}, { durationSeconds: 3601n }, /too short a term \(3601 seconds needed, at most 3600 offered\)/],
    [{}, { pricePerSecond: 199n }, /too high a price \(199 per second paid, at least 200 asked\)/],
    [
      { minPricePerBytePerSecond: 3n },
      { pricePerSecond: 299n },
      /too high a price \(299 per second paid, at least 300 asked\)/,
    ],
    [{ minPricePerBytePerSecond: 2n ** 256n - 1n }, { pricePerSecond: 2n ** 256n - 1n }, /too high a price/],
    [{}, { collateral: 51n }, /too little collateral \(51 needed, at most 50 put up\)/],
    [{ enabled: false }, {}, /1 of 1: disabled/],
    [
      { untilSeconds: 1_799_999_999n },
      {},
      /too early an end \(the slot ends at 1800000000, space is offered until 1799999999\)/,
    ],
  ]
  for (const [terms, demand, reason] of exclusions) {
    test(`what is not offered is declined: ${reason.source}`, (ledger) =>
      Effect.gen(function* () {
        yield* ledger.offer(anOffer(terms))
        const error = yield* Effect.flip(ledger.reserve(aSlot(1, demand)))
        assert.strictEqual(error._tag, "NoMatch")
        assert.match(error.message, reason)
        assert.deepInclude(error, { slotId: slotIdOf(1) })
        assert.lengthOf(error._tag === "NoMatch" ? error.reasons : [], 1)
        assert.deepStrictEqual(yield* ledger.reservations, [])
      }))
  }

  const edges: ReadonlyArray<[string, Partial<Offer>, Partial<SlotDemand>]> = [
    ["a slot that ends just when the space does", { untilSeconds: 1_800_000_000n }, {}],
    ["space without an end for a slot with any end", { untilSeconds: 0n }, { endSeconds: 2n ** 63n - 1n }],
    ["a free availability for a slot that pays nothing", { minPricePerBytePerSecond: 0n }, { pricePerSecond: 0n }],
    ["a price that is paid with a remainder", {}, { pricePerSecond: 299n }],
    [
      "amounts and indexes as large as the chain has",
      { totalCollateral: 2n ** 256n - 1n },
      { collateral: 2n ** 256n - 1n, slotIndex: 2n ** 64n - 1n },
    ],
  ]
  for (const [what, terms, demand] of edges) {
    test(`accepts ${what}`, (ledger) =>
      Effect.gen(function* () {
        yield* ledger.offer(anOffer(terms))
        const reservation = yield* ledger.reserve(aSlot(1, demand))
        assert.strictEqual(reservation.slotIndex, aSlot(1, demand).slotIndex)
        assert.deepStrictEqual(yield* ledger.reservation(slotIdOf(1)), Option.some(reservation))
      }))
  }

  test("every criterion that ruled some out is told, with how many and what came nearest", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.offer(anOffer({ totalBytes: 10n }))
      yield* ledger.offer(anOffer({ totalBytes: 20n, durationSeconds: 60n }))
      yield* ledger.offer(anOffer({ minPricePerBytePerSecond: 5n }))
      yield* ledger.offer(anOffer({ minPricePerBytePerSecond: 4n }))
      yield* ledger.offer(anOffer({ enabled: false, durationSeconds: 1n }))
      const error = yield* Effect.flip(ledger.reserve(aSlot(1)))
      assert.deepStrictEqual(error._tag === "NoMatch" && error.reasons, [
        "1 of 5: disabled",
        "2 of 5: too little free space (100 bytes needed, at most 20 free)",
        "1 of 5: too short a term (3600 seconds needed, at most 60 offered)",
        "2 of 5: too high a price (200 per second paid, at least 400 asked)",
      ])
    }))

  test("an empty market says so", (ledger) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(ledger.reserve(aSlot(1)))
      assert.include(error.message, "nothing is on offer")
    }))

  const impossible: ReadonlyArray<Partial<SlotDemand>> = [
    { sizeBytes: 0n },
    { sizeBytes: -1n },
    { sizeBytes: 2n ** 63n },
    { sizeBytes: 2n ** 64n + 1n },
    { durationSeconds: 2n ** 63n },
    { endSeconds: 2n ** 63n },
    { endSeconds: 2n ** 256n + 5n },
    { collateral: 2n ** 256n },
    { pricePerSecond: -1n },
    { slotIndex: -1n },
  ]
  test("a slot that no ledger could count is declined, never cut to size", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.offer(anOffer({ minPricePerBytePerSecond: 0n }))
      for (const demand of impossible) {
        const error = yield* Effect.flip(ledger.reserve(aSlot(1, demand)))
        assert.strictEqual(error._tag, "NoMatch")
        assert.match(error.message, /the slot's \w+ is -?\d+, which is not between/)
      }
      assert.strictEqual((yield* ledger.space).reservedBytes, 100n)
    }))

  test("a slot is reserved once, and again after it was given back", (ledger) =>
    Effect.gen(function* () {
      const { id } = yield* ledger.offer(anOffer({ totalBytes: 300n }))
      yield* ledger.reserve(aSlot(1))
      const error = yield* Effect.flip(ledger.reserve(aSlot(1)))
      assert.deepInclude(error, { _tag: "AlreadyReserved", slotId: slotIdOf(1) })
      assert.strictEqual((yield* ledger.availability(id)).freeBytes, 200n)
      yield* ledger.giveBack(slotIdOf(1))
      yield* ledger.reserve(aSlot(1))
      assert.strictEqual((yield* ledger.availability(id)).freeBytes, 200n)
    }))

  test("the name of a slot that is in use for something else is not reserved", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.offer(anOffer())
      yield* ledger.hold(slotIdOf(1), 1n)
      assert.strictEqual((yield* Effect.flip(ledger.reserve(aSlot(1))))._tag, "AlreadyReserved")
    }))

  test("giving a slot back returns what it held and what it wrote, to its own availability", (ledger) =>
    Effect.gen(function* () {
      const small = yield* ledger.offer(anOffer({ totalBytes: 100n }))
      const large = yield* ledger.offer(anOffer({ totalBytes: 200n }))
      yield* ledger.reserve(aSlot(1))
      yield* ledger.reserve(aSlot(2))
      yield* ledger.write(slotIdOf(1), 60n)
      yield* ledger.write(slotIdOf(2), 100n)
      assert.deepInclude(yield* ledger.space, { usedBytes: 160n, reservedBytes: 140n })
      for (const slotId of [slotIdOf(1), slotIdOf(2), slotIdOf(2)]) yield* ledger.giveBack(slotId)
      assert.deepInclude(yield* ledger.availability(small.id), { totalBytes: 100n, freeBytes: 100n })
      assert.deepInclude(yield* ledger.availability(large.id), { totalBytes: 200n, freeBytes: 200n })
      assert.deepStrictEqual(yield* ledger.reservation(slotIdOf(1)), Option.none())
      assert.deepStrictEqual(yield* ledger.volumes, [])
    }))
}
