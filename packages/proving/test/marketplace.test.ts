import { assert, describe, it } from "@effect/vitest"
import { ChainError, type Market, SlotFilledByOtherHost, SlotIsFree, Unreachable } from "@pecia/market"
import { Effect, Option } from "effect"
import { marketplaceBed } from "./marketplaceBed.ts"
import { config, held, nextPeriod, seconds, watchedOutcomes, watchedProofs, withLoop } from "./provingBed.ts"

const withMarket = (change: (market: Market["Service"]) => Market["Service"]) =>
  withLoop(marketplaceBed({ config }, change))

describe("Proving, when a slot is no longer ours", () => {
  for (const Refusal of [SlotIsFree, SlotFilledByOtherHost]) {
    it.effect(`by the word of the contract (${Refusal.identifier}), lets it be: nothing is missed`, () => {
      let sent = 0
      const refusing = (market: Market["Service"]) => ({
        ...market,
        submitProof: (slotId: Parameters<typeof market.submitProof>[0]) =>
          Effect.suspend(() => {
            sent += 1
            return Effect.fail(new Refusal({ slotId }))
          }),
      })
      return Effect.gen(function* () {
        yield* held(1)
        const outcomes = yield* watchedOutcomes
        yield* nextPeriod
        yield* seconds(19n)
        assert.strictEqual(sent, 1)
        yield* nextPeriod
        assert.strictEqual(sent, 2)
        assert.deepStrictEqual(outcomes, [])
      }).pipe(Effect.provide(withMarket(refusing)))
    })
  }

  it.effect("because it was freed between two questions, leaves it alone", () =>
    Effect.gen(function* () {
      yield* held(1)
      const outcomes = yield* watchedOutcomes
      yield* nextPeriod
      yield* nextPeriod
      assert.deepStrictEqual(outcomes, [])
    }).pipe(
      Effect.provide(withMarket((market) => ({ ...market, getActiveSlot: () => Effect.succeed(Option.none()) }))),
    ),
  )
})

describe("Proving", () => {
  it.effect("gets every proof in although it cannot ask for its slots in half of each period (seed defect 6)", () => {
    const down = new ChainError({ reason: new Unreachable({ url: "http://chain", detail: "connection refused" }) })
    const broken = new Set<"mySlots" | "getActiveSlot">()
    const unless = <A, E>(name: "mySlots" | "getActiveSlot", effect: Effect.Effect<A, E>) =>
      Effect.suspend((): Effect.Effect<A, E | ChainError> => (broken.has(name) ? Effect.fail(down) : effect))
    const unreliable = (market: Market["Service"]) => ({
      ...market,
      mySlots: unless("mySlots", market.mySlots),
      getActiveSlot: (...slot: Parameters<typeof market.getActiveSlot>) =>
        unless("getActiveSlot", market.getActiveSlot(...slot)),
    })
    return Effect.gen(function* () {
      const slotIds = yield* held(3)
      const proofs = yield* watchedProofs
      for (const name of ["getActiveSlot", "mySlots"] as const) {
        const before = proofs.length
        broken.add(name)
        yield* nextPeriod
        yield* seconds(10n)
        if (name === "getActiveSlot") assert.strictEqual(proofs.length, before)
        broken.clear()
        yield* seconds(9n)
        assert.sameMembers(
          proofs.slice(before).map(({ slotId }) => slotId),
          [...slotIds],
          name,
        )
      }
    }).pipe(Effect.provide(withMarket(unreliable)))
  })
})
