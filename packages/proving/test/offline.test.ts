import { assert, describe, it } from "@effect/vitest"
import { ChainError, Unreachable } from "@pecia/market"
import { Effect, Option } from "effect"
import { Loop, type ProofCalls, type Through } from "./hosting.ts"
import {
  config,
  held,
  nextPeriod,
  nextPeriodWith,
  periodNow,
  seconds,
  sides,
  statusOf,
  watchedOutcomes,
  watchedProofs,
  withLoop,
} from "./provingBed.ts"

const down = new ChainError({ reason: new Unreachable({ url: "http://chain", detail: "connection refused" }) })

/** A chain that can be made unreachable, by name of the call. */
const unreliable = () => {
  const broken = new Set<keyof ProofCalls>()
  const unless =
    (name: keyof ProofCalls) =>
    <A, E>(effect: Effect.Effect<A, E>) =>
      Effect.suspend((): Effect.Effect<A, E | ChainError> => (broken.has(name) ? Effect.fail(down) : effect))
  const through: Through = (calls) =>
    Effect.succeed({
      config: unless("config")(calls.config),
      getPointer: (slot) => unless("getPointer")(calls.getPointer(slot)),
      isProofRequired: (slot) => unless("isProofRequired")(calls.isProofRequired(slot)),
      willProofBeRequired: (slot) => unless("willProofBeRequired")(calls.willProofBeRequired(slot)),
      getChallenge: (slot) => unless("getChallenge")(calls.getChallenge(slot)),
      submitProof: (slot, proof) => unless("submitProof")(calls.submitProof(slot, proof)),
    })
  return { broken, through }
}

/** Every call that the loop makes on both markets. */
const calls = ["config", "getPointer", "isProofRequired", "willProofBeRequired", "getChallenge", "submitProof"] as const

for (const { name, bed } of sides)
  describe(name, () => {
    it.effect("gets every proof in although calls to the chain fail in half of each period (seed defect 6)", () => {
      const { through, broken } = unreliable()
      return Effect.gen(function* () {
        const slotIds = yield* held(3)
        const proofs = yield* watchedProofs
        for (const name of ["getPointer", "isProofRequired", "getChallenge", "submitProof"] as const) {
          const before = proofs.length
          broken.add(name)
          yield* nextPeriod
          yield* seconds(10n)
          assert.strictEqual(proofs.length, before, name)
          broken.clear()
          yield* seconds(9n)
          assert.sameMembers(
            proofs.slice(before).map(({ slotId }) => slotId),
            [...slotIds],
            name,
          )
        }
      }).pipe(Effect.provide(withLoop(bed({ config, through }))))
    })

    it.effect("outlives an outage of whole periods: they are missed, then it goes on (seed defect 6)", () => {
      const { through, broken } = unreliable()
      return Effect.gen(function* () {
        const slotIds = yield* held(1)
        const proofs = yield* watchedProofs
        yield* nextPeriod
        for (const name of calls) broken.add(name)
        for (let i = 0; i < 3; i++) yield* nextPeriod
        assert.strictEqual(proofs.length, 1)
        assert.strictEqual(Option.getOrThrow((yield* statusOf(slotIds[0])).lastError), down.message)
        broken.clear()
        yield* nextPeriod
        assert.strictEqual(proofs.at(-1)?.period, yield* periodNow)
        assert.isTrue(Option.isNone((yield* statusOf(slotIds[0])).lastError))
      }).pipe(Effect.provide(withLoop(bed({ config, through }))))
    })

    it.effect("starts while the chain does not answer, and proves as soon as it does", () => {
      const { through, broken } = unreliable()
      for (const name of calls) broken.add(name)
      return Effect.gen(function* () {
        const slotIds = yield* held(2)
        const proofs = yield* watchedProofs
        yield* nextPeriod
        yield* seconds(5n)
        assert.deepStrictEqual(yield* (yield* Loop).status, [])
        broken.clear()
        yield* seconds(10n)
        assert.sameMembers(
          proofs.map(({ slotId }) => slotId),
          [...slotIds],
        )
      }).pipe(Effect.provide(withLoop(bed({ config, through }))))
    })

    it.effect("warns when it could not learn whether a proof is due, after the challenge has moved", () => {
      const { through, broken } = unreliable()
      return Effect.gen(function* () {
        const [slotId = assert.fail()] = yield* held(1, { proofProbability: 2n ** 63n })
        const outcomes = yield* watchedOutcomes
        // so that the pointer begins anew in the fifth second
        yield* nextPeriodWith(slotId, 251n)
        yield* seconds(2n)
        broken.add("isProofRequired")
        yield* seconds(2n)
        assert.deepStrictEqual(outcomes, [])
        yield* seconds(13n)
        const period = yield* periodNow
        assert.strictEqual(outcomes[0], `Failed ${period}`)
        assert.include(outcomes, `Late ${period}`)
        yield* nextPeriod
        assert.notInclude(outcomes, `Missed ${period}`)
      }).pipe(Effect.provide(withLoop(bed({ config, through }))))
    })
  })
