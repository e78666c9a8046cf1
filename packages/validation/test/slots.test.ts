import { assert, describe, it } from "@effect/vitest"
import type { SlotId, SlotState } from "@pecia/contracts-abi"
import { Market } from "@pecia/market"
import { Deferred, Effect, Exit, Layer } from "effect"
import { Validation } from "../src/index.ts"
import {
  anotherValidator,
  bed,
  filled,
  nextPeriod,
  nextPeriodProving,
  seconds,
  settled,
  withValidation,
} from "./bed.ts"

const marked = Effect.fnUntraced(function* (slotIds: ReadonlyArray<SlotId>) {
  const market = yield* Market
  const misses = yield* Effect.forEach(slotIds, market.missingProofs)
  return slotIds.filter((_, index) => misses[index] !== 0n)
})

describe("Validation", () => {
  it.effect("watches the slots that it is told to and no others, as the list is in each period", () => {
    const told: Array<SlotId> = []
    const list = Effect.sync(() => [...told])
    return Effect.gen(function* () {
      const { slotIds } = yield* filled(3)
      const [one = assert.fail(), two = assert.fail()] = slotIds
      told.push(one)
      yield* nextPeriod
      yield* nextPeriod
      yield* seconds(1n)
      assert.deepStrictEqual(yield* marked(slotIds), [one])
      told.push(two)
      yield* nextPeriod
      yield* seconds(1n)
      assert.deepStrictEqual(yield* marked(slotIds), [one, two])
      told.length = 0
      yield* nextPeriod
      yield* seconds(1n)
      assert.strictEqual((yield* (yield* Validation).status).watched, 0)
      assert.strictEqual(yield* (yield* Market).missingProofs(one), 2n)
    }).pipe(Effect.provide(withValidation({}, { watch: list })))
  })

  it.effect("watches no more than its limit; when slots end, the next move up", () =>
    Effect.gen(function* () {
      const { host, slotIds } = yield* filled(5)
      const { status } = yield* Validation
      yield* nextPeriod
      assert.include(yield* status, { watched: 2, beyond: 3 })
      yield* nextPeriod
      yield* seconds(1n)
      assert.deepStrictEqual(yield* marked(slotIds), slotIds.slice(0, 2))
      yield* Effect.forEach(slotIds.slice(0, 2), host.freeSlot)
      yield* nextPeriod
      yield* seconds(3n)
      assert.deepStrictEqual((yield* marked(slotIds)).slice(-2), slotIds.slice(2, 4))
      assert.include(yield* status, { watched: 2, beyond: 1 })
    }).pipe(Effect.provide(withValidation({}, { maxSlots: 2 }))),
  )

  it.effect("divides all slots with the other groups", () =>
    Effect.gen(function* () {
      const { slotIds } = yield* filled(12)
      const groups = [0, 1, 2].map((group) => anotherValidator({ watch: { group, groups: 3 } }))
      const validators = yield* Effect.all(groups)
      yield* settled
      const statuses = yield* Effect.forEach(validators, ({ validation }) => validation.status)
      assert.strictEqual(
        statuses.reduce((sum, { watched }) => sum + watched, 0),
        12,
      )
      yield* nextPeriod
      yield* nextPeriod
      yield* seconds(1n)
      assert.deepStrictEqual(yield* marked(slotIds), slotIds)
      const after = yield* Effect.forEach(validators, ({ validation }) => validation.status)
      assert.deepStrictEqual(
        after.map((status) => status.marked),
        statuses.map(({ watched }) => watched),
      )
    }).pipe(Effect.provide(bed({}))),
  )

  it.effect.each([
    { group: 3, groups: 3 },
    { group: -1, groups: 3 },
    { group: 0, groups: 0 },
    { group: 0.5, groups: 2 },
  ])("refuses a group that is none: %o", (watch) =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(Effect.scoped(Layer.build(Validation.layer({ watch }))))
      assert.isTrue(Exit.hasDies(exit))
    }).pipe(Effect.provide(bed({}))),
  )

  it.effect("finds nothing that was filled before the block from which it reads", () =>
    Effect.gen(function* () {
      const { host, requestId, slotIds } = yield* filled(2)
      yield* host.freeSlot(slotIds[1] ?? assert.fail())
      const fromBlock = 265n
      const { validation } = yield* anotherValidator({ fromBlock })
      yield* seconds(10n)
      assert.strictEqual((yield* validation.status).watched, 0)
      yield* nextPeriod
      yield* host.fillSlot(requestId, 1n, Uint8Array.of(1))
      yield* settled
      assert.strictEqual((yield* validation.status).watched, 1)
    }).pipe(Effect.provide(bed({}))),
  )

  it.effect("asks first about those whose host has missed a proof before", () => {
    const asked: Array<SlotId> = []
    const through = (market: Market["Service"]) =>
      Market.of({
        ...market,
        markProofAsMissing: (slotId, period) => {
          asked.push(slotId)
          return market.markProofAsMissing(slotId, period)
        },
      })
    return Effect.gen(function* () {
      const alive = yield* filled(3, { seed: 1 })
      const dead = yield* filled(1, { seed: 2 })
      yield* nextPeriodProving(alive.host)
      yield* nextPeriodProving(alive.host)
      yield* seconds(1n)
      assert.strictEqual(asked.at(-1), dead.slot)
      asked.length = 0
      yield* nextPeriodProving(alive.host)
      yield* seconds(1n)
      assert.deepStrictEqual(asked.slice(-4), [dead.slot, ...alive.slotIds])
    }).pipe(Effect.provide(withValidation({ through })))
  })

  it.effect("watches a slot that is filled again while the chain answers that it was free", () => {
    const answer = Deferred.makeUnsafe<SlotState>()
    let isFirst = true
    const through = (market: Market["Service"]) =>
      Market.of({
        ...market,
        slotState: (slotId) =>
          Effect.suspend(() => {
            if (!isFirst) return market.slotState(slotId)
            isFirst = false
            return Deferred.await(answer)
          }),
      })
    return Effect.gen(function* () {
      const { host, requestId, slot } = yield* filled(1)
      yield* host.freeSlot(slot)
      yield* nextPeriod
      yield* host.fillSlot(requestId, 0n, Uint8Array.of(1))
      yield* settled
      yield* Deferred.succeed(answer, "Free")
      yield* settled
      assert.strictEqual((yield* (yield* Validation).status).watched, 1)
    }).pipe(Effect.provide(withValidation({ through })))
  })
})
