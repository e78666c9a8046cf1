import { assert, describe, it } from "@effect/vitest"
import { ChainError, Market, Unreachable } from "@pecia/market"
import { Effect, Option } from "effect"
import { Proving } from "../src/index.ts"
import { filled } from "./hosting.ts"
import {
  nextPeriod,
  nextPeriodWith,
  periodNow,
  seconds,
  statusOf,
  watchedOutcomes,
  watchedProofs,
  withProving,
} from "./provingBed.ts"

const down = new ChainError({ reason: new Unreachable({ url: "http://chain", detail: "connection refused" }) })

/** A market whose chain can be made unreachable, by name of the call. */
const unreliable = () => {
  const broken = new Set<keyof Market["Service"]>()
  const unless =
    (name: keyof Market["Service"]) =>
    <A, E>(effect: Effect.Effect<A, E>) =>
      Effect.suspend((): Effect.Effect<A, E | ChainError> => (broken.has(name) ? Effect.fail(down) : effect))
  const through = (market: Market["Service"]) =>
    Effect.succeed(
      Market.of({
        ...market,
        config: unless("config")(market.config),
        mySlots: unless("mySlots")(market.mySlots),
        getPointer: (slot) => unless("getPointer")(market.getPointer(slot)),
        isProofRequired: (slot) => unless("isProofRequired")(market.isProofRequired(slot)),
        willProofBeRequired: (slot) => unless("willProofBeRequired")(market.willProofBeRequired(slot)),
        getActiveSlot: (slot) => unless("getActiveSlot")(market.getActiveSlot(slot)),
        getChallenge: (slot) => unless("getChallenge")(market.getChallenge(slot)),
        submitProof: (slot, proof) => unless("submitProof")(market.submitProof(slot, proof)),
      }),
    )
  return { broken, through }
}

/** Every call of the market that the loop makes. */
const calls = [
  "config",
  "mySlots",
  "getPointer",
  "isProofRequired",
  "willProofBeRequired",
  "getActiveSlot",
  "getChallenge",
  "submitProof",
] as const

describe("Proving", () => {
  it.effect("gets every proof in although calls to the chain fail in half of each period (seed defect 6)", () => {
    const { through, broken } = unreliable()
    return Effect.gen(function* () {
      const { slotIds } = yield* filled(3)
      const proofs = yield* watchedProofs
      for (const name of [
        "getActiveSlot",
        "getPointer",
        "isProofRequired",
        "getChallenge",
        "mySlots",
        "submitProof",
      ] as const) {
        const before = proofs.length
        broken.add(name)
        yield* nextPeriod
        yield* seconds(10n)
        if (name !== "mySlots") assert.strictEqual(proofs.length, before, name)
        broken.clear()
        yield* seconds(9n)
        assert.sameMembers(
          proofs.slice(before).map(({ slotId }) => slotId),
          slotIds,
          name,
        )
      }
    }).pipe(Effect.provide(withProving({ through })))
  })

  it.effect("outlives an outage of whole periods: they are missed, then it goes on (seed defect 6)", () => {
    const { through, broken } = unreliable()
    return Effect.gen(function* () {
      const { slotIds } = yield* filled(1)
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
    }).pipe(Effect.provide(withProving({ through })))
  })

  it.effect("starts while the chain does not answer, and proves as soon as it does", () => {
    const { through, broken } = unreliable()
    for (const name of calls) broken.add(name)
    return Effect.gen(function* () {
      const { slotIds } = yield* filled(2)
      const proofs = yield* watchedProofs
      yield* nextPeriod
      yield* seconds(5n)
      assert.deepStrictEqual(yield* (yield* Proving).status, [])
      broken.clear()
      yield* seconds(10n)
      assert.sameMembers(
        proofs.map(({ slotId }) => slotId),
        slotIds,
      )
    }).pipe(Effect.provide(withProving({ through })))
  })

  it.effect("warns when it could not learn whether a proof is due, after the challenge has moved", () => {
    const { through, broken } = unreliable()
    return Effect.gen(function* () {
      const [slotId = assert.fail()] = (yield* filled(1, { proofProbability: 2n ** 63n })).slotIds
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
    }).pipe(Effect.provide(withProving({ through })))
  })
})
