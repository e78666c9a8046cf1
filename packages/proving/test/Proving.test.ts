import { assert, describe, it } from "@effect/vitest"
import type { SlotId } from "@pecia/contracts-abi"
import { MemoryChain } from "@pecia/market"
import { Effect, Layer, Logger, Option } from "effect"
import { CannotProve } from "../src/index.ts"
import { Hosting } from "./hosting.ts"
import {
  bytes,
  config,
  held,
  nextPeriod,
  periodNow,
  proverWith,
  seconds,
  sides,
  startLoop,
  statusOf,
  watchedOutcomes,
  watchedProofs,
  withLoop,
} from "./provingBed.ts"

for (const { name, bed } of sides)
  describe(name, () => {
    it.effect("proves every slot in every period in which it has to, and not in the period of its filling", () =>
      Effect.gen(function* () {
        const slotIds = yield* held(50)
        const proofs = yield* watchedProofs
        const first = (yield* periodNow) + 1n
        for (let i = 0; i < 6; i++) yield* nextPeriod
        for (const slotId of slotIds) {
          assert.deepStrictEqual(
            proofs.filter((proof) => proof.slotId === slotId).map(({ period }) => period),
            Array.from({ length: 6 }, (_, i) => first + BigInt(i)),
          )
          assert.deepStrictEqual(yield* statusOf(slotId), {
            slotId,
            provenIn: Option.some(first + 5n),
            misses: 0,
            lastError: Option.none(),
          })
        }
      }).pipe(Effect.provide(withLoop(bed({ config })))),
    )

    it.effect("reports what it did", () =>
      Effect.gen(function* () {
        yield* held(1)
        const outcomes = yield* watchedOutcomes
        const first = (yield* periodNow) + 1n
        yield* nextPeriod
        yield* nextPeriod
        assert.deepStrictEqual(outcomes, [`Submitted ${first}`, `Submitted ${first + 1n}`])
      }).pipe(Effect.provide(withLoop(bed({ config })))),
    )

    it.effect("goes on after a restart: finds its slots on the chain, and does not prove twice in a period", () =>
      Effect.gen(function* () {
        const slotIds = yield* held(3)
        const proofs = yield* watchedProofs
        const { stop } = yield* startLoop
        yield* nextPeriod
        assert.strictEqual(proofs.length, 3)
        yield* stop
        yield* seconds(3n)
        const again = yield* startLoop
        yield* seconds(3n)
        assert.strictEqual(proofs.length, 3)
        yield* nextPeriod
        assert.sameMembers(
          proofs.slice(3).map(({ slotId }) => slotId),
          [...slotIds],
        )
        yield* again.stop
        yield* nextPeriod
        assert.strictEqual(proofs.length, 6)
      }).pipe(Effect.provide(bed({ config }))),
    )

    it.effect("a proof that was in already counts as done", () =>
      Effect.gen(function* () {
        const { calls } = yield* Hosting
        const slotIds = yield* held(1)
        const outcomes = yield* watchedOutcomes
        const chain = yield* MemoryChain
        const period = (yield* periodNow) + 1n
        yield* chain.advanceTo(period * 20n)
        yield* Effect.forEach(slotIds, (slotId) => calls.submitProof(slotId, bytes))
        yield* nextPeriod
        assert.deepStrictEqual(outcomes, [`AlreadyIn ${period}`, `Submitted ${period + 1n}`])
        assert.deepStrictEqual((yield* statusOf(slotIds[0])).provenIn, Option.some(period + 1n))
      }).pipe(Effect.provide(withLoop(bed({ config })))),
    )

    it.effect("one slot's failure or endless proof does not hold up the others", () => {
      let slotIds: ReadonlyArray<SlotId> = []
      const prover = proverWith((slotId) => {
        if (slotId === slotIds[0]) return Effect.fail(new CannotProve({ detail: "It was altered." }))
        return slotId === slotIds[1] ? Effect.never : Effect.succeed(bytes)
      })
      return Effect.gen(function* () {
        slotIds = yield* held(8)
        const proofs = yield* watchedProofs
        yield* nextPeriod
        assert.sameMembers(
          proofs.map(({ slotId }) => slotId),
          slotIds.slice(2),
        )
        yield* nextPeriod
        assert.strictEqual(proofs.length, 12)
        assert.deepStrictEqual(
          (yield* Effect.forEach(slotIds, statusOf)).map(({ misses }) => misses),
          [1, 1, 0, 0, 0, 0, 0, 0],
        )
      }).pipe(Effect.provide(withLoop(bed({ config, prover }))))
    })

    it.effect("tries again within the period, warns before its end, and reports what it missed", () => {
      const lines: Array<string> = []
      const capture = Logger.layer([Logger.make(({ logLevel, message }) => void lines.push(`${logLevel}: ${message}`))])
      let failing = true
      const prover = proverWith(() =>
        Effect.suspend(() =>
          failing ? Effect.fail(new CannotProve({ detail: "It was altered." })) : Effect.succeed(bytes),
        ),
      )
      return Effect.gen(function* () {
        const [slotId = assert.fail()] = yield* held(1)
        const outcomes = yield* watchedOutcomes
        const p = (yield* periodNow) + 1n
        yield* nextPeriod
        yield* nextPeriod
        assert.isAbove(outcomes.indexOf(`Late ${p}`), 2)
        assert.isBelow(outcomes.indexOf(`Late ${p}`), outcomes.indexOf(`Missed ${p}`))
        assert.isAtLeast(outcomes.filter((outcome) => outcome === `Failed ${p}`).length, 8)
        assert.isAtMost(outcomes.filter((outcome) => outcome === `Failed ${p}`).length, 12)
        assert.deepStrictEqual(yield* statusOf(slotId), {
          slotId,
          provenIn: Option.none(),
          misses: 1,
          lastError: Option.some("The data cannot be proven. It was altered."),
        })
        failing = false
        yield* seconds(15n)
        assert.strictEqual(outcomes.at(-1), `Submitted ${p + 1n}`)
        const ofSlot = `proof of slot ${slotId} for period ${p}`
        assert.include(lines, `Warn: The ${ofSlot} failed; trying again. The data cannot be proven. It was altered.`)
        assert.include(lines, `Warn: The ${ofSlot} is not in yet, and the period is nearly over.`)
        assert.include(lines, `Error: The ${ofSlot} was missed; missed proofs cost collateral.`)
      }).pipe(Effect.provide(Layer.provideMerge(withLoop(bed({ config, prover })), capture)))
    })

    it.effect("makes one proof at a time for a slot, and ends it with its period (seed defect 24)", () => {
      let running = 0
      let most = 0
      let begun = 0
      const endless = Effect.acquireUseRelease(
        Effect.sync(() => {
          begun += 1
          running += 1
          most = Math.max(most, running)
        }),
        () => Effect.never,
        () => Effect.sync(() => void running--),
      )
      return Effect.gen(function* () {
        yield* held(1)
        const { stop } = yield* startLoop
        for (let i = 0; i < 3; i++) yield* nextPeriod
        assert.deepStrictEqual({ begun, running, most }, { begun: 3, running: 1, most: 1 })
        yield* stop
        assert.strictEqual(running, 0)
      }).pipe(Effect.provide(bed({ config, prover: proverWith(() => endless) })))
    })
  })
