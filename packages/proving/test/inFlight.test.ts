import { assert, describe, it } from "@effect/vitest"
import { Market } from "@pecia/market"
import { Deferred, Effect, Fiber, Layer } from "effect"
import { Proving } from "../src/index.ts"
import { filled } from "./hosting.ts"
import {
  bed,
  config,
  nextPeriod,
  periodNow,
  settled,
  startProving,
  watchedOutcomes,
  watchedProofs,
} from "./provingBed.ts"

describe("Proving, with a transaction in flight", () => {
  /** Transactions that take until the test lets them be mined, and cannot be interrupted meanwhile. */
  const slowChain = () => {
    const mined = Deferred.makeUnsafe<void>()
    const sent = Deferred.makeUnsafe<void>()
    const through = (market: Market["Service"]) =>
      Effect.succeed(
        Market.of({
          ...market,
          submitProof: (slotId, proof) =>
            Deferred.succeed(sent, undefined).pipe(
              Effect.andThen(Deferred.await(mined)),
              Effect.andThen(market.submitProof(slotId, proof)),
              Effect.uninterruptible,
            ),
        }),
      )
    return { mined, sent, through }
  }

  it.effect("stops when it is mined, and not before", () => {
    const { mined, sent, through } = slowChain()
    return Effect.gen(function* () {
      yield* filled(1)
      const proofs = yield* watchedProofs
      const { stop } = yield* startProving
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
      yield* filled(1)
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
    }).pipe(Effect.provide(Layer.provideMerge(Proving.layer(), bed({ config, through }))))
  })
})
