import { assert, describe, it } from "@effect/vitest"
import { ChainClock } from "@pecia/clock"
import type { SlotId } from "@pecia/contracts-abi"
import { Market } from "@pecia/market"
import { Effect, Option } from "effect"
import { Proving } from "../src/index.ts"
import { filled, requested } from "./hosting.ts"
import { bytes, nextPeriod, seconds, watchedOutcomes, watchedProofs, withProving } from "./provingBed.ts"

describe("Proving", () => {
  it.effect("takes up slots that are filled while it works, and lets go of those that are left (seed defect 7)", () =>
    Effect.gen(function* () {
      const market = yield* Market
      const { slotIds } = yield* filled(2)
      yield* nextPeriod
      const more = yield* requested(2, { seed: "more" })
      yield* market.fillSlot(more.requestId, 0n, bytes)
      yield* seconds(5n)
      yield* market.fillSlot(more.requestId, 1n, bytes)
      const proofs = yield* watchedProofs
      yield* nextPeriod
      assert.sameMembers(
        proofs.map(({ slotId }) => slotId),
        [...slotIds, ...more.slotIds],
      )
      yield* Effect.forEach(slotIds, market.freeSlot)
      yield* nextPeriod
      assert.sameMembers(
        (yield* (yield* Proving).status).map(({ slotId }) => slotId),
        more.slotIds,
      )
      assert.sameMembers(
        proofs.slice(4).map(({ slotId }) => slotId),
        more.slotIds,
      )
    }).pipe(Effect.provide(withProving())),
  )

  it.effect("does not ask about a slot any more that was left", () => {
    const asked: Array<SlotId> = []
    const through = (market: Market["Service"]) =>
      Effect.succeed(
        Market.of({
          ...market,
          getPointer: (slotId) =>
            Effect.andThen(
              Effect.sync(() => void asked.push(slotId)),
              market.getPointer(slotId),
            ),
        }),
      )
    return Effect.gen(function* () {
      const market = yield* Market
      const { slotIds } = yield* filled(2)
      yield* nextPeriod
      const [kept, left] = slotIds
      if (left !== undefined) yield* market.freeSlot(left)
      yield* nextPeriod
      asked.length = 0
      yield* nextPeriod
      assert.deepStrictEqual(asked, [kept])
    }).pipe(Effect.provide(withProving({ through })))
  })

  it.effect("leaves a slot alone that was freed between two questions", () => {
    const through = (market: Market["Service"]) =>
      Effect.succeed(Market.of({ ...market, getActiveSlot: () => Effect.succeed(Option.none()) }))
    return Effect.gen(function* () {
      yield* filled(1)
      const outcomes = yield* watchedOutcomes
      yield* nextPeriod
      yield* nextPeriod
      assert.deepStrictEqual(outcomes, [])
    }).pipe(Effect.provide(withProving({ through })))
  })

  it.effect("takes a slot up again that was left and filled anew", () =>
    Effect.gen(function* () {
      const market = yield* Market
      const { slotIds, requestId } = yield* filled(1)
      yield* nextPeriod
      yield* Effect.forEach(slotIds, market.freeSlot)
      yield* nextPeriod
      yield* market.fillSlot(requestId, 0n, bytes)
      const proofs = yield* watchedProofs
      yield* nextPeriod
      assert.deepStrictEqual(
        proofs.map(({ slotId }) => slotId),
        slotIds,
      )
    }).pipe(Effect.provide(withProving())),
  )

  it.effect("stops proving when the request has ended, though the slot is still held", () =>
    Effect.gen(function* () {
      const market = yield* Market
      const { slotIds, requestId } = yield* filled(1, { duration: 60n })
      const outcomes = yield* watchedOutcomes
      const end = yield* market.requestEnd(requestId)
      while ((yield* (yield* ChainClock).now) <= end) yield* nextPeriod
      const before = outcomes.length
      for (let i = 0; i < 5; i++) yield* nextPeriod
      assert.strictEqual(outcomes.length, before)
      assert.sameMembers(
        (yield* (yield* Proving).status).map(({ slotId }) => slotId),
        slotIds,
      )
    }).pipe(Effect.provide(withProving())),
  )
})
