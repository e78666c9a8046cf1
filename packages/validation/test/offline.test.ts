import { assert, describe, it } from "@effect/vitest"
import type { SlotId } from "@pecia/contracts-abi"
import { ChainError, Market, PeriodNotEnded, Reverted, SlotNotAcceptingProofs, Unreachable } from "@pecia/market"
import { Effect, Option, Stream } from "effect"
import { TestClock } from "effect/testing"
import { Validation } from "../src/index.ts"
import { filled, nextPeriod, periodNow, seconds, settled, shown, watchedOutcomes, withValidation } from "./bed.ts"

const down = new ChainError({ reason: new Unreachable({ url: "http://chain", detail: "connection refused" }) })
const refused = new ChainError({ reason: new Reverted({ call: "markProofAsMissing", detail: "panic" }) })

type Name = "config" | "slotState" | "getHost" | "markProofAsMissing" | "events"
const all: ReadonlyArray<Name> = ["config", "slotState", "getHost", "markProofAsMissing", "events"]

/** A market whose calls can be made to fail, by name; it counts attempts to mark. */
const unreliable = () => {
  const broken = new Map<Name, ChainError>()
  const attempts: Array<bigint> = []
  const unless =
    (name: Name) =>
    <A, E>(effect: Effect.Effect<A, E>) =>
      Effect.suspend((): Effect.Effect<A, E | ChainError> => {
        const error = broken.get(name)
        return error === undefined ? effect : Effect.fail(error)
      })
  const through = (market: Market["Service"]) =>
    Market.of({
      ...market,
      config: unless("config")(market.config),
      slotState: (slot) => unless("slotState")(market.slotState(slot)),
      getHost: (slot) => unless("getHost")(market.getHost(slot)),
      markProofAsMissing: (slot, period) => {
        attempts.push(period)
        return unless("markProofAsMissing")(market.markProofAsMissing(slot, period))
      },
      events: (options) =>
        Stream.suspend(() => {
          const error = broken.get("events")
          return error === undefined ? market.events(options) : Stream.fail(error)
        }),
    })
  return { attempts, broken, through }
}

describe("Validation", () => {
  it.effect("marks every missing proof although calls to the chain fail for a time", () => {
    const { through, broken } = unreliable()
    return Effect.gen(function* () {
      const { slot } = yield* filled(1)
      const market = yield* Market
      yield* nextPeriod
      for (const [index, name] of (["markProofAsMissing", "slotState", "getHost"] as const).entries()) {
        broken.set(name, down)
        yield* nextPeriod
        yield* seconds(6n)
        broken.clear()
        yield* seconds(3n)
        assert.strictEqual(yield* market.missingProofs(slot), BigInt(index + 1), name)
        assert.isTrue(Option.isNone((yield* (yield* Validation).status).lastError))
      }
    }).pipe(Effect.provide(withValidation({ through })))
  })

  it.effect("says what failed, and when it has become too late; then it goes on", () => {
    const { attempts, through, broken } = unreliable()
    return Effect.gen(function* () {
      const { slot } = yield* filled(1)
      const outcomes = yield* watchedOutcomes(yield* Validation)
      yield* nextPeriod
      yield* seconds(19n)
      const period = yield* periodNow
      broken.set("markProofAsMissing", down)
      attempts.length = 0
      yield* seconds(9n)
      assert.strictEqual(Option.getOrThrow((yield* (yield* Validation).status).lastError), down.message)
      assert.include(outcomes, shown("Failed", slot, period))
      yield* seconds(6n)
      assert.isAtMost(attempts.length, 10)
      broken.clear()
      yield* nextPeriod
      assert.include(outcomes, shown("TooLate", slot, period))
      yield* seconds(2n)
      assert.include(outcomes, shown("Marked", slot, period + 1n))
    }).pipe(Effect.provide(withValidation({ through })))
  })

  it.effect("does not repeat in a period what will not pass", () => {
    const { attempts, through, broken } = unreliable()
    return Effect.gen(function* () {
      yield* filled(1)
      yield* nextPeriod
      yield* seconds(19n)
      broken.set("markProofAsMissing", refused)
      attempts.length = 0
      yield* seconds(19n)
      assert.strictEqual(attempts.length, 1)
      yield* nextPeriod
      yield* seconds(3n)
      assert.strictEqual(attempts.length, 2)
    }).pipe(Effect.provide(withValidation({ through })))
  })

  it.effect("starts while the chain does not answer, and marks as soon as it does", () => {
    const { through, broken } = unreliable()
    for (const name of all) broken.set(name, down)
    return Effect.gen(function* () {
      const { slot } = yield* filled(1)
      const market = yield* Market
      yield* nextPeriod
      yield* nextPeriod
      yield* seconds(3n)
      assert.strictEqual((yield* (yield* Validation).status).watched, 0)
      broken.delete("config")
      yield* seconds(8n)
      broken.clear()
      yield* TestClock.adjust("1 minute")
      yield* nextPeriod
      yield* seconds(1n)
      assert.strictEqual(yield* market.missingProofs(slot), 1n)
    }).pipe(Effect.provide(withValidation({ through })))
  })

  it.effect("outlives defects of what it stands on", () => {
    const { through } = unreliable()
    let isBroken = true
    const breaking = (market: Market["Service"]) =>
      Market.of({
        ...through(market),
        markProofAsMissing: (slot, period) =>
          isBroken ? Effect.die(new Error("a bug")) : market.markProofAsMissing(slot, period),
      })
    return Effect.gen(function* () {
      const { slot } = yield* filled(1)
      yield* nextPeriod
      yield* nextPeriod
      yield* seconds(4n)
      assert.strictEqual(Option.getOrThrow((yield* (yield* Validation).status).lastError), "a bug")
      isBroken = false
      yield* seconds(2n)
      yield* settled
      assert.strictEqual(yield* (yield* Market).missingProofs(slot), 1n)
    }).pipe(Effect.provide(withValidation({ through: breaking })))
  })

  it.effect.each(["PeriodNotEnded", "SlotNotAcceptingProofs"] as const)(
    "marks in the end where a node of the chain that lags behind says %s at first",
    (_tag) => {
      const attempts: Array<bigint> = []
      const through = (market: Market["Service"]) =>
        Market.of({
          ...market,
          markProofAsMissing: (slotId, period) =>
            Effect.suspend(() => {
              const times = attempts.push(period)
              if (times > 2) return market.markProofAsMissing(slotId, period)
              return Effect.fail(
                _tag === "PeriodNotEnded"
                  ? new PeriodNotEnded({ slotId, period })
                  : new SlotNotAcceptingProofs({ slotId }),
              )
            }),
        })
      return Effect.gen(function* () {
        const { slot } = yield* filled(1)
        const outcomes = yield* watchedOutcomes(yield* Validation)
        yield* nextPeriod
        yield* nextPeriod
        attempts.length = 0
        const period = (yield* periodNow) - 1n
        yield* seconds(8n)
        assert.deepStrictEqual(outcomes, [shown("Marked", slot, period)])
        assert.deepStrictEqual(attempts, [period, period, period])
      }).pipe(Effect.provide(withValidation({ through })))
    },
  )

  it.effect("goes on with the list that it has where the next one cannot be had", () => {
    const slots: Array<SlotId> = []
    let isBroken = false
    const watch = Effect.suspend(() => (isBroken ? Effect.fail(down) : Effect.succeed([...slots])))
    return Effect.gen(function* () {
      const { slot } = yield* filled(1)
      slots.push(slot)
      yield* nextPeriod
      yield* seconds(2n)
      isBroken = true
      yield* nextPeriod
      yield* seconds(9n)
      assert.strictEqual(yield* (yield* Market).missingProofs(slot), 1n)
      assert.strictEqual(Option.getOrThrow((yield* (yield* Validation).status).lastError), down.message)
    }).pipe(Effect.provide(withValidation({}, { watch })))
  })
})
