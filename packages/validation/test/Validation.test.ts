import { assert, describe, it } from "@effect/vitest"
import { Market, MemoryChain } from "@pecia/market"
import { Effect, Option } from "effect"
import { Validation } from "../src/index.ts"
import {
  anotherValidator,
  filled,
  newHost,
  nextPeriod,
  nextPeriodProving,
  periodNow,
  proof,
  requested,
  seconds,
  shown,
  watchedOutcomes,
  withValidation,
} from "./bed.ts"

const misses = Effect.fnUntraced(function* (slotId: Parameters<Market["Service"]["missingProofs"]>[0]) {
  return yield* (yield* Market).missingProofs(slotId)
})

describe("Validation", () => {
  it.effect("marks each missing proof of a dead host, once a period, in the first seconds after it", () =>
    Effect.gen(function* () {
      const { slot } = yield* filled(1)
      const outcomes = yield* watchedOutcomes(yield* Validation)
      const first = yield* periodNow
      for (let i = 1n; i <= 4n; i++) {
        yield* nextPeriod
        assert.strictEqual(yield* misses(slot), i < 2n ? 0n : i - 2n)
        yield* seconds(1n)
        assert.strictEqual(yield* misses(slot), i - 1n)
        yield* seconds(18n)
      }
      assert.deepStrictEqual(
        outcomes,
        [1n, 2n, 3n].map((i) => shown("Marked", slot, first + i)),
      )
      assert.strictEqual((yield* (yield* Validation).status).marked, 3)
    }).pipe(Effect.provide(withValidation())),
  )

  it.effect("marks nothing in the period in which a slot was filled", () =>
    Effect.gen(function* () {
      const { slot } = yield* filled(1)
      const outcomes = yield* watchedOutcomes(yield* Validation)
      yield* nextPeriod
      yield* seconds(19n)
      assert.strictEqual(yield* misses(slot), 0n)
      assert.deepStrictEqual(outcomes, [])
    }).pipe(Effect.provide(withValidation())),
  )

  it.effect("marks a dead host until its slot is free; the next host, who proves, is never marked", () =>
    Effect.gen(function* () {
      const market = yield* Market
      const { slot, slotIds, requestId, host } = yield* filled(2)
      yield* host.freeSlot(slotIds[1] ?? assert.fail())
      const rewardBefore = yield* market.collateral(market.account)
      while ((yield* market.slotState(slot)) === "Filled") yield* nextPeriod
      assert.isBelow(Number(yield* host.collateral(host.account)), 40)
      assert.isAbove(Number(yield* market.collateral(market.account)), Number(rewardBefore))
      yield* seconds(1n)
      const next = yield* newHost
      yield* next.fillSlot(requestId, 0n, proof)
      for (let i = 0; i < 5; i++) yield* nextPeriodProving(next)
      assert.strictEqual(yield* misses(slot), 0n)
      yield* nextPeriod
      yield* seconds(2n)
      assert.strictEqual(yield* misses(slot), 0n)
      yield* nextPeriod
      yield* seconds(2n)
      assert.strictEqual(yield* misses(slot), 1n, "he has stopped to prove")
    }).pipe(Effect.provide(withValidation())),
  )

  it.effect("marks until a request fails that can lose no slot, and then forgets it", () =>
    Effect.gen(function* () {
      const market = yield* Market
      const { requestId } = yield* filled(2, { maxSlotLoss: 0n })
      const { status } = yield* Validation
      assert.strictEqual((yield* status).watched, 2)
      while (Option.getOrNull(yield* market.requestState(requestId)) !== "Failed") yield* nextPeriod
      yield* nextPeriod
      yield* seconds(2n)
      assert.strictEqual((yield* status).watched, 0)
      assert.isTrue(Option.isNone((yield* status).lastError))
    }).pipe(Effect.provide(withValidation())),
  )

  it.effect("never marks a host that proves, among others that do not", () =>
    Effect.gen(function* () {
      const alive = yield* filled(3, { seed: 1 })
      const dead = yield* filled(2, { seed: 2 })
      for (let i = 0; i < 4; i++) yield* nextPeriodProving(alive.host)
      yield* seconds(2n)
      for (const slot of alive.slotIds) assert.strictEqual(yield* misses(slot), 0n)
      for (const slot of dead.slotIds) assert.strictEqual(yield* misses(slot), 3n)
    }).pipe(Effect.provide(withValidation())),
  )

  it.effect("leaves the slots of its own account to others", () =>
    Effect.gen(function* () {
      const chain = yield* MemoryChain
      const market = yield* Market
      yield* chain.mint(market.account, 100n)
      yield* market.approveFunds(100n)
      yield* market.deposit(100n)
      const { requestId, slotIds } = yield* requested(1)
      yield* market.fillSlot(requestId, 0n, proof)
      for (let i = 0; i < 3; i++) yield* nextPeriod
      assert.strictEqual(yield* misses(slotIds[0] ?? assert.fail()), 0n)
    }).pipe(Effect.provide(withValidation())),
  )

  it.effect("shares the work with another validator: each proof is marked once, and both know", () =>
    Effect.gen(function* () {
      const { slotIds } = yield* filled(3)
      const outcomes = yield* watchedOutcomes(yield* Validation)
      const { validation } = yield* anotherValidator()
      const others = yield* watchedOutcomes(validation)
      for (let i = 0; i < 3; i++) yield* nextPeriod
      yield* seconds(2n)
      for (const slot of slotIds) assert.strictEqual(yield* misses(slot), 2n)
      const marks = (seen: ReadonlyArray<string>) => seen.filter((outcome) => outcome.startsWith("Marked"))
      assert.strictEqual(new Set([...marks(outcomes), ...marks(others)]).size, 6)
      assert.strictEqual(outcomes.length + others.length, 12)
    }).pipe(Effect.provide(withValidation())),
  )
})
