import { assert, describe, it } from "@effect/vitest"
import { InvalidProof, Market, MemoryChain } from "@pecia/market"
import { Effect, Layer } from "effect"
import { Prover, Proving } from "../src/index.ts"
import { filled } from "./hosting.ts"
import {
  bed,
  config,
  nextPeriod,
  periodNow,
  proverWith,
  seconds,
  watchedOutcomes,
  watchedProofs,
} from "./provingBed.ts"

describe("Proving, when the challenge moves", () => {
  const challengeBytes = (challenge: string) => Uint8Array.from(Buffer.from(challenge.slice(2), "hex"))
  const honest = proverWith((_request, _slotIndex, challenge) => Effect.succeed(challengeBytes(challenge)))

  it.effect("while the proof is made, proves anew", () => {
    let made = 0
    const slow = Layer.effect(
      Prover,
      Effect.gen(function* () {
        const chain = yield* MemoryChain
        return Prover.of({
          prove: Effect.fnUntraced(function* (_request, _slotIndex, challenge) {
            if (made++ === 0) yield* chain.mine(256n)
            return challengeBytes(challenge)
          }),
        })
      }),
    )
    return Effect.gen(function* () {
      const { slotIds } = yield* filled(1)
      const market = yield* Market
      const proofs = yield* watchedProofs
      const outcomes = yield* watchedOutcomes
      yield* nextPeriod
      assert.strictEqual(made, 2)
      assert.deepStrictEqual(outcomes, [`Submitted ${yield* periodNow}`])
      const [slotId = assert.fail()] = slotIds
      assert.deepStrictEqual(proofs[0]?.proof, challengeBytes(yield* market.getChallenge(slotId)))
    }).pipe(Effect.provide(Layer.provideMerge(Proving.layer(), bed({ config, prover: slow }))))
  })

  it.effect("before the transaction is mined, proves anew; a proof that is refused otherwise is a failure", () => {
    let refusals = 0
    const moved = Effect.fnUntraced(function* (market: Market["Service"]) {
      const chain = yield* MemoryChain
      return Market.of({
        ...market,
        submitProof: Effect.fnUntraced(function* (slotId, proof) {
          refusals += 1
          if (refusals <= 2) {
            if (refusals === 1) yield* chain.mine(256n)
            return yield* new InvalidProof({ slotId })
          }
          assert.deepStrictEqual(proof, challengeBytes(yield* market.getChallenge(slotId)))
          return yield* market.submitProof(slotId, proof)
        }),
      })
    })
    return Effect.gen(function* () {
      yield* filled(1)
      const outcomes = yield* watchedOutcomes
      yield* nextPeriod
      yield* seconds(5n)
      const period = yield* periodNow
      assert.deepStrictEqual(outcomes, [`Failed ${period}`, `Submitted ${period}`])
    }).pipe(Effect.provide(Layer.provideMerge(Proving.layer(), bed({ config, prover: honest, through: moved }))))
  })
})
