import { assert, describe, it } from "@effect/vitest"
import { Market, type MarketEvent } from "@pecia/market"
import { Effect, Option, Queue, Stream } from "effect"
import { Validation } from "../src/index.ts"
import { filled, nextPeriod, periodNow, seconds, settled, shown, watchedOutcomes, withValidation } from "./bed.ts"

/** A market on which blocks can be said to have been replaced, and slots to be in another state than they are. */
const shaky = Effect.gen(function* () {
  const extra = yield* Queue.unbounded<MarketEvent>()
  const isFree = { now: false }
  const marks: Array<bigint> = []
  const through = (market: Market["Service"]) =>
    Market.of({
      ...market,
      events: (options) => Stream.merge(market.events(options), Stream.fromQueue(extra)),
      slotState: (slotId) =>
        Effect.suspend(() => (isFree.now ? Effect.succeed("Free" as const) : market.slotState(slotId))),
      markProofAsMissing: (slotId, period) => {
        marks.push(period)
        return market.markProofAsMissing(slotId, period)
      },
    })
  const reorganise = Queue.offer(extra, { _tag: "ChainReorganised", blockNumber: 1n })
  return { isFree, marks, reorganise, through }
})

describe("Validation", () => {
  it.effect("asks anew after a reorganisation, since it can undo marks", () =>
    Effect.gen(function* () {
      const { marks, reorganise, through } = yield* shaky
      yield* Effect.gen(function* () {
        const { slot } = yield* filled(1)
        const outcomes = yield* watchedOutcomes(yield* Validation)
        yield* nextPeriod
        yield* nextPeriod
        yield* seconds(2n)
        const period = (yield* periodNow) - 1n
        assert.deepStrictEqual(outcomes, [shown("Marked", slot, period)])
        marks.length = 0
        yield* reorganise
        yield* settled
        assert.deepStrictEqual(marks, [period])
        assert.deepStrictEqual(outcomes.slice(1), [shown("AlreadyMarked", slot, period)])
      }).pipe(Effect.provide(withValidation({ through })))
    }),
  )

  it.effect("remembers slots that it has let go of, should that be undone", () =>
    Effect.gen(function* () {
      const { isFree, reorganise, through } = yield* shaky
      yield* Effect.gen(function* () {
        const { slot } = yield* filled(1)
        const { status } = yield* Validation
        assert.strictEqual((yield* status).watched, 1)
        isFree.now = true
        yield* reorganise
        yield* settled
        assert.strictEqual((yield* status).watched, 0)
        isFree.now = false
        yield* reorganise
        yield* nextPeriod
        yield* nextPeriod
        yield* seconds(1n)
        assert.strictEqual(yield* (yield* Market).missingProofs(slot), 1n)
        assert.isTrue(Option.isNone((yield* status).lastError))
      }).pipe(Effect.provide(withValidation({ through })))
    }),
  )
})
