import { assert, describe, it } from "@effect/vitest"
import { MemoryChain } from "@pecia/market"
import { Effect, Layer, Logger } from "effect"
import { Prover } from "../src/index.ts"
import { Hosting, type Through } from "./hosting.ts"
import {
  config,
  held,
  honest,
  nextPeriod,
  periodNow,
  proofOf,
  proverOf,
  proverWith,
  seconds,
  settled,
  sides,
  statusOf,
  verifying,
  watchedOutcomes,
  watchedProofs,
  withLoop,
} from "./provingBed.ts"

/** The market of a contract that verifies, and what happens to the chain while a proof is on its way. */
const verifyingAfter =
  (meanwhile: (chain: MemoryChain["Service"]) => Effect.Effect<void>): Through =>
  (calls) =>
    Effect.map(MemoryChain, (chain) => ({
      ...calls,
      submitProof: (slotId, proof) => Effect.andThen(meanwhile(chain), verifying(calls).submitProof(slotId, proof)),
    }))

for (const { name, bed } of sides)
  describe(`${name}, when the challenge moves`, () => {
    it.effect("while the proof is made, proves anew", () => {
      let made = 0
      const slow = Layer.effect(
        Prover,
        Effect.gen(function* () {
          const chain = yield* MemoryChain
          return proverOf((_slotId, challenge) =>
            Effect.as(made++ === 0 ? chain.mine(256n) : Effect.void, proofOf(challenge)),
          )
        }),
      )
      return Effect.gen(function* () {
        const slotIds = yield* held(1)
        const { calls } = yield* Hosting
        const proofs = yield* watchedProofs
        const outcomes = yield* watchedOutcomes
        yield* nextPeriod
        assert.strictEqual(made, 2)
        assert.deepStrictEqual(outcomes, [`Submitted ${yield* periodNow}`])
        const [slotId = assert.fail()] = slotIds
        assert.deepStrictEqual(proofs[0]?.proof, proofOf(yield* calls.getChallenge(slotId)))
      }).pipe(Effect.provide(withLoop(bed({ config, prover: slow }))))
    })

    it.effect("because the pointer begins anew while the transaction is on its way, proves anew at once", () => {
      let sent = 0
      const through = verifyingAfter((chain) => Effect.suspend(() => (++sent <= 3 ? chain.mine(256n) : Effect.void)))
      return Effect.gen(function* () {
        yield* held(1)
        const outcomes = yield* watchedOutcomes
        yield* nextPeriod
        assert.deepStrictEqual(outcomes, [`Submitted ${yield* periodNow}`])
        assert.strictEqual(sent, 4)
      }).pipe(Effect.provide(withLoop(bed({ config, prover: honest, through }))))
    })

    it.effect("because the period ends while the transaction is on its way, has missed it, and proves the next", () => {
      let sent = 0
      const through = verifyingAfter((chain) =>
        Effect.gen(function* () {
          if (++sent > 1) return
          yield* chain.advanceTo((yield* chain.now) + chain.config.proofs.period)
          yield* settled
        }),
      )
      return Effect.gen(function* () {
        yield* held(1)
        const outcomes = yield* watchedOutcomes
        const period = (yield* periodNow) + 1n
        yield* nextPeriod
        yield* seconds(1n)
        assert.deepStrictEqual(outcomes, [`Late ${period}`, `Missed ${period}`, `Submitted ${period + 1n}`])
      }).pipe(Effect.provide(withLoop(bed({ config, prover: honest, through }))))
    })
  })

for (const { name, bed } of sides)
  describe(`${name}, when a proof is refused although the challenge has not moved`, () => {
    it.effect("says so as an error once a period, tries again at leisure, and goes on", () => {
      const lines: Array<string> = []
      const capture = Logger.layer([Logger.make(({ logLevel, message }) => void lines.push(`${logLevel}: ${message}`))])
      let lying = true
      const prover = proverWith((_slotId, challenge) => Effect.sync(() => proofOf(lying ? "0x00" : challenge)))
      let sent = 0
      const through = verifyingAfter(() => Effect.sync(() => void sent++))
      return Effect.gen(function* () {
        const [slotId = assert.fail()] = yield* held(1)
        const outcomes = yield* watchedOutcomes
        const p = (yield* periodNow) + 1n
        yield* nextPeriod
        yield* nextPeriod
        assert.deepStrictEqual(outcomes, [`Refused ${p}`, `Late ${p}`, `Missed ${p}`, `Refused ${p + 1n}`])
        assert.isAtLeast(sent, 8)
        assert.isAtMost(sent, 12)
        assert.include((yield* statusOf(slotId)).lastError, {
          value: `The contract refused the proof for slot ${slotId}.`,
        })
        const errors = lines.filter((line) => line.includes("is refused, although it answers the challenge"))
        assert.deepStrictEqual(
          errors.map((line) => line.slice(0, line.indexOf(" is refused"))),
          [p, p + 1n].map((period) => `Error: The proof of slot ${slotId} for period ${period}`),
        )
        lying = false
        yield* seconds(5n)
        assert.strictEqual(outcomes.at(-1), `Submitted ${p + 1n}`)
      }).pipe(Effect.provide(Layer.provideMerge(withLoop(bed({ config, prover, through })), capture)))
    })
  })
