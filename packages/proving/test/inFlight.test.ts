import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import type { Through } from "./hosting.ts"
import {
  config,
  held,
  nextPeriod,
  periodNow,
  settled,
  sides,
  startLoop,
  watchedOutcomes,
  watchedProofs,
  withLoop,
} from "./provingBed.ts"

for (const { name, bed } of sides)
  describe(`${name}, with a transaction in flight`, () => {
    /** Transactions that take until the test lets them be mined, and cannot be interrupted meanwhile. */
    const slowChain = () => {
      const mined = Deferred.makeUnsafe<void>()
      const sent = Deferred.makeUnsafe<void>()
      const through: Through = (calls) =>
        Effect.succeed({
          ...calls,
          submitProof: (slotId, proof) =>
            Deferred.succeed(sent, undefined).pipe(
              Effect.andThen(Deferred.await(mined)),
              Effect.andThen(calls.submitProof(slotId, proof)),
              Effect.uninterruptible,
            ),
        })
      return { mined, sent, through }
    }

    it.effect("stops when it is mined, and not before", () => {
      const { mined, sent, through } = slowChain()
      return Effect.gen(function* () {
        yield* held(1)
        const proofs = yield* watchedProofs
        const { stop } = yield* startLoop
        yield* nextPeriod
        yield* Deferred.await(sent)
        const stopping = yield* Effect.forkChild(stop, { startImmediately: true })
        yield* settled
        assert.isUndefined(stopping.pollUnsafe())
        yield* Deferred.succeed(mined, undefined)
        yield* Fiber.join(stopping)
        yield* settled
        assert.strictEqual(proofs.length, 1)
      }).pipe(Effect.provide(bed({ config, through })))
    })

    it.effect("at the end of a period waits for it, and then goes on with the period that is now", () => {
      const { mined, through } = slowChain()
      return Effect.gen(function* () {
        yield* held(1)
        const proofs = yield* watchedProofs
        const outcomes = yield* watchedOutcomes
        yield* nextPeriod
        const first = yield* periodNow
        yield* nextPeriod
        assert.deepStrictEqual(outcomes, [`Late ${first}`])
        yield* Deferred.succeed(mined, undefined)
        yield* settled
        // It was mined in the second period, so that one is served; the next is as usual.
        assert.deepStrictEqual(outcomes.slice(1), [`Submitted ${first}`, `AlreadyIn ${first + 1n}`])
        yield* nextPeriod
        assert.deepStrictEqual(
          proofs.map(({ period }) => period),
          [first + 1n, first + 2n],
        )
      }).pipe(Effect.provide(withLoop(bed({ config, through }))))
    })
  })
