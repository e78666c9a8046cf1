import { assert, describe, it } from "@effect/vitest"
import { ChainClock } from "@pecia/clock"
import type { SlotId } from "@pecia/contracts-abi"
import { Effect } from "effect"
import { Hosting, Loop, type Through } from "./hosting.ts"
import {
  config,
  held,
  nextPeriod,
  periodNow,
  seconds,
  sides,
  watchedOutcomes,
  watchedProofs,
  withLoop,
} from "./provingBed.ts"

for (const { name, bed } of sides)
  describe(name, () => {
    it.effect(
      "takes up slots that are taken on while it works, and lets go of those that are left (seed defect 7)",
      () =>
        Effect.gen(function* () {
          const slotIds = yield* held(2)
          yield* nextPeriod
          const one = yield* held(1, { seed: "one more" })
          yield* seconds(5n)
          const more = [...one, ...(yield* held(1, { seed: "another one" }))]
          const proofs = yield* watchedProofs
          yield* nextPeriod
          assert.sameMembers(
            proofs.map(({ slotId }) => slotId),
            [...slotIds, ...more],
          )
          yield* Effect.forEach(slotIds, (yield* Hosting).leave)
          yield* nextPeriod
          assert.sameMembers(
            (yield* (yield* Loop).status).map(({ slotId }) => slotId),
            more,
          )
          assert.sameMembers(
            proofs.slice(4).map(({ slotId }) => slotId),
            more,
          )
        }).pipe(Effect.provide(withLoop(bed({ config })))),
    )

    it.effect("does not ask about a slot any more that was left", () => {
      const asked: Array<SlotId> = []
      const through: Through = (calls) =>
        Effect.succeed({
          ...calls,
          getPointer: (slotId) =>
            Effect.andThen(
              Effect.sync(() => void asked.push(slotId)),
              calls.getPointer(slotId),
            ),
        })
      return Effect.gen(function* () {
        const slotIds = yield* held(2)
        yield* nextPeriod
        const [kept, left] = slotIds
        if (left !== undefined) yield* (yield* Hosting).leave(left)
        yield* nextPeriod
        asked.length = 0
        yield* nextPeriod
        assert.deepStrictEqual(asked, [kept])
      }).pipe(Effect.provide(withLoop(bed({ config, through }))))
    })

    it.effect("takes a slot up again that was left and taken on anew", () =>
      Effect.gen(function* () {
        const slotIds = yield* held(1)
        yield* nextPeriod
        yield* Effect.forEach(slotIds, (yield* Hosting).leave)
        yield* nextPeriod
        yield* Effect.forEach(slotIds, (yield* Hosting).holdAgain)
        const proofs = yield* watchedProofs
        yield* nextPeriod
        const now = yield* periodNow
        assert.deepStrictEqual(
          proofs.filter(({ period }) => period === now).map(({ slotId }) => slotId),
          slotIds,
        )
      }).pipe(Effect.provide(withLoop(bed({ config })))),
    )

    it.effect("stops proving when its time has ended, though the slot is still held", () =>
      Effect.gen(function* () {
        const slotIds = yield* held(1, { duration: 60n })
        const outcomes = yield* watchedOutcomes
        const [end = assert.fail()] = yield* Effect.forEach(slotIds, (yield* Hosting).endOf)
        while ((yield* (yield* ChainClock).now) <= end) yield* nextPeriod
        const before = outcomes.length
        for (let i = 0; i < 5; i++) yield* nextPeriod
        assert.strictEqual(outcomes.length, before)
        assert.sameMembers(
          (yield* (yield* Loop).status).map(({ slotId }) => slotId),
          [...slotIds],
        )
      }).pipe(Effect.provide(withLoop(bed({ config })))),
    )
  })
