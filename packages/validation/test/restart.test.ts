import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  anotherValidator,
  bed,
  configWith,
  filled,
  nextPeriod,
  periodNow,
  seconds,
  settled,
  shown,
  watchedOutcomes,
} from "./bed.ts"

const until = (second: bigint) => Effect.andThen(nextPeriod, seconds(second))

describe("Validation", () => {
  it.effect("marks the proofs of the period before when it is started late, within the time-out", () =>
    Effect.gen(function* () {
      const { slotIds } = yield* filled(2)
      for (let i = 0; i < 3; i++) yield* nextPeriod
      yield* seconds(9n)
      const { market } = yield* anotherValidator()
      yield* settled
      for (const slot of slotIds) assert.strictEqual(yield* market.missingProofs(slot), 1n)
    }).pipe(Effect.provide(bed({}))),
  )

  it.effect("does not try when the time-out is over, and marks the next period", () =>
    Effect.gen(function* () {
      const { slot } = yield* filled(1)
      yield* nextPeriod
      yield* until(10n)
      const { market, validation } = yield* anotherValidator()
      const outcomes = yield* watchedOutcomes(validation)
      const period = yield* periodNow
      yield* until(1n)
      assert.deepStrictEqual(outcomes, [shown("Marked", slot, period)])
      assert.strictEqual(yield* market.missingProofs(slot), 1n)
    }).pipe(Effect.provide(bed({}))),
  )

  it.effect("marks several periods, the oldest first, when the time-out is longer than they are", () =>
    Effect.gen(function* () {
      const { slot } = yield* filled(1)
      const first = yield* periodNow
      for (let i = 0; i < 5; i++) yield* nextPeriod
      yield* seconds(1n)
      const { validation } = yield* anotherValidator()
      const outcomes = yield* watchedOutcomes(validation)
      yield* settled
      assert.deepStrictEqual(
        outcomes,
        [2n, 3n, 4n].map((i) => shown("Marked", slot, first + i)),
      )
    }).pipe(Effect.provide(bed({ config: configWith({ period: 20n, timeout: 60n, downtime: 0n }) }))),
  )

  it.effect("marks nothing twice after a restart", () =>
    Effect.gen(function* () {
      const { slot } = yield* filled(1)
      const once = Effect.scoped(
        Effect.gen(function* () {
          const { market, validation } = yield* anotherValidator()
          const outcomes = yield* watchedOutcomes(validation)
          yield* settled
          return { outcomes, misses: yield* market.missingProofs(slot) }
        }),
      )
      yield* nextPeriod
      yield* until(1n)
      const period = (yield* periodNow) - 1n
      assert.deepStrictEqual(yield* once, { outcomes: [shown("Marked", slot, period)], misses: 1n })
      assert.deepStrictEqual(yield* once, { outcomes: [shown("AlreadyMarked", slot, period)], misses: 1n })
    }).pipe(Effect.provide(bed({}))),
  )
})
