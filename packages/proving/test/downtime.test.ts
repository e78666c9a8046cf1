import { assert, describe, it } from "@effect/vitest"
import type { SlotId } from "@pecia/contracts-abi"
import { Effect } from "effect"
import { configWith, Hosting } from "./hosting.ts"
import { held, nextPeriodWith, seconds, sides, watchedProofs, withLoop } from "./provingBed.ts"

for (const { name, bed } of sides)
  describe(name, () => {
    /** Goes to the first second of a period that begins with the downtime. */
    const nextWrap = Effect.fnUntraced(function* (slotId: SlotId) {
      yield* nextPeriodWith(slotId, 0n)
      assert.isTrue(yield* (yield* Hosting).calls.willProofBeRequired(slotId))
    })

    it.effect("does not prove before the pointer has left its downtime (seed defect 24)", () =>
      Effect.gen(function* () {
        const [slotId = assert.fail()] = yield* held(1)
        const { calls } = yield* Hosting
        yield* nextWrap(slotId)
        const proofs = yield* watchedProofs
        while (yield* calls.willProofBeRequired(slotId)) {
          assert.strictEqual(proofs.length, 0)
          yield* seconds(1n)
        }
        assert.strictEqual(proofs.length, 1)
      }).pipe(Effect.provide(withLoop(bed({ config: configWith({ period: 20n, timeout: 5n, downtime: 6n }) })))),
    )

    it.effect(
      "proves in the second half of a period that lies in the downtime, when it could be marked as missing later",
      () =>
        Effect.gen(function* () {
          const [slotId = assert.fail()] = yield* held(1)
          const { calls } = yield* Hosting
          yield* nextWrap(slotId)
          const proofs = yield* watchedProofs
          yield* seconds(9n)
          assert.strictEqual(proofs.length, 0)
          yield* seconds(1n)
          assert.strictEqual(proofs.length, 1)
          yield* seconds(9n)
          assert.isTrue(yield* calls.willProofBeRequired(slotId))
          assert.strictEqual(proofs.length, 1)
        }).pipe(Effect.provide(withLoop(bed({ config: configWith({ period: 20n, timeout: 15n, downtime: 30n }) })))),
    )

    it.effect("does not prove in the downtime when nobody can ask for it before the time-out", () =>
      Effect.gen(function* () {
        const [slotId = assert.fail()] = yield* held(1)
        const { calls } = yield* Hosting
        yield* nextWrap(slotId)
        const proofs = yield* watchedProofs
        yield* seconds(19n)
        assert.isTrue(yield* calls.willProofBeRequired(slotId))
        assert.strictEqual(proofs.length, 0)
      }).pipe(Effect.provide(withLoop(bed({ config: configWith({ period: 20n, timeout: 15n, downtime: 60n }) })))),
    )
  })
