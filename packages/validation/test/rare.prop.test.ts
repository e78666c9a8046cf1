import { assert, describe, it } from "@effect/vitest"
import { Periodicity } from "@pecia/contracts-abi"
import { Market, MemoryChain } from "@pecia/market"
import { Effect, Exit, Schema } from "effect"
import { Validation } from "../src/index.ts"
import { configWith, filled, seconds, watchedOutcomes, withValidation } from "./bed.ts"

const between = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

describe("Validation", () => {
  // One slot: marking another one would be a block more, and so another pointer, for whoever asks after it.
  it.effect.prop(
    "leaves nothing to mark of slots with rare proofs when a period has ended, nor at its last call, and asks no more than twice",
    {
      seed: between(1, 1_000_000),
      timeout: between(4, 15),
      downtime: between(0, 100),
      probability: between(1, 6),
      early: between(0, 300),
    },
    ({ seed, timeout, downtime, probability, early }) => {
      const config = configWith({ period: 16n, timeout: BigInt(timeout), downtime: BigInt(downtime) })
      const lastCall = BigInt(timeout - Math.floor(timeout / 4))
      const asked: Array<bigint> = []
      const through = (market: Market["Service"]) =>
        Market.of({
          ...market,
          markProofAsMissing: (slotId, period) => {
            asked.push(period)
            return market.markProofAsMissing(slotId, period)
          },
        })
      return Effect.gen(function* () {
        const chain = yield* MemoryChain
        yield* chain.mine(BigInt(early))
        const { slot } = yield* filled(1, { seed, proofProbability: BigInt(probability) })
        const outcomes = yield* watchedOutcomes(yield* Validation)
        const late = chain.market(yield* chain.newAccount)
        for (let i = 0; i < 300; i++) {
          yield* seconds(1n)
          const now = yield* chain.now
          const period = Periodicity.periodOf({ seconds: 16n }, now) - 1n
          const since = now - Periodicity.periodEnd({ seconds: 16n }, period)
          if (since !== 1n && since !== lastCall) continue
          const exit = yield* Effect.exit(late.markProofAsMissing(slot, period))
          assert.isTrue(Exit.isFailure(exit), `period ${period}, ${since} seconds after its end`)
        }
        assert.isTrue(outcomes.every((outcome) => outcome.startsWith("Marked")))
        assert.strictEqual(new Set(outcomes).size, outcomes.length)
        assert.strictEqual(BigInt(outcomes.length), yield* late.missingProofs(slot))
        const times = asked.map((period) => asked.filter((other) => other === period).length)
        assert.isAtMost(Math.max(...times), 2)
        if (probability === 1 && downtime === 0) assert.isAtLeast(outcomes.length, 16)
      }).pipe(Effect.provide(withValidation({ config, through })), Effect.scoped)
    },
    { arbitrary: { runs: 25 } },
  )
})
