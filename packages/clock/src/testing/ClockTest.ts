import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, type Layer, type Scope } from "effect"
import { ChainClock } from "../ChainClock.ts"

/**
 * What every `ChainClock` keeps. `advance(to)` lets the chain's time be `to` (unix seconds), which may also lie behind it; it may
 * use what `layer` provides. A layer is built for each test; time stands still meanwhile but for `advance`.
 */
export const suite = <R, E>(
  name: string,
  layer: Layer.Layer<ChainClock | R, E>,
  advance: (to: bigint) => Effect.Effect<void, never, R>,
) => {
  /** Moves the clock and waits until it shows that. */
  const moveTo = Effect.fnUntraced(function* (to: bigint) {
    yield* advance(to)
    yield* (yield* ChainClock).waitUntil(to)
    yield* settled
  })

  const test = (
    sentence: string,
    body: (start: bigint) => Effect.Effect<void, unknown, ChainClock | R | Scope.Scope>,
  ) =>
    it.effect(sentence, () =>
      ChainClock.use(({ now }) => now).pipe(Effect.flatMap(body), Effect.provide(layer), Effect.scoped),
    )

  describe(name, () => {
    test("now is the time of the latest block", (start) =>
      Effect.gen(function* () {
        const clock = yield* ChainClock
        yield* moveTo(start + 7n)
        assert.strictEqual(yield* clock.now, start + 7n)
      }))

    test("now never falls", (start) =>
      Effect.gen(function* () {
        const clock = yield* ChainClock
        yield* moveTo(start + 10n)
        yield* advance(start + 3n)
        yield* settled
        assert.strictEqual(yield* clock.now, start + 10n)
        yield* moveTo(start + 11n)
        assert.strictEqual(yield* clock.now, start + 11n)
      }))

    test("a time that has come or passed is not waited for", (start) =>
      Effect.gen(function* () {
        const clock = yield* ChainClock
        for (const time of [start, start - 1n, 0n, -1n]) yield* clock.waitUntil(time)
        yield* clock.waitPast(start - 1n)
      }))

    test("waitUntil ends with the first block at that time or later", (start) =>
      Effect.gen(function* () {
        const clock = yield* ChainClock
        const exact = yield* waiting(clock.waitUntil(start + 10n))
        const skipped = yield* waiting(clock.waitUntil(start + 11n))
        yield* moveTo(start + 9n)
        assert.deepStrictEqual([hasEnded(exact), hasEnded(skipped)], [false, false])
        yield* moveTo(start + 10n)
        assert.deepStrictEqual([hasEnded(exact), hasEnded(skipped)], [true, false])
        yield* moveTo(start + 500n)
        assert.isTrue(hasEnded(skipped))
      }))

    test("waitPast does not end at the limit, but after it", (start) =>
      Effect.gen(function* () {
        const clock = yield* ChainClock
        const fiber = yield* waiting(clock.waitPast(start + 10n))
        yield* moveTo(start + 10n)
        assert.isFalse(hasEnded(fiber))
        yield* moveTo(start + 11n)
        assert.isTrue(hasEnded(fiber))
      }))

    test("a time beyond all numbers of the chain can be waited for", (start) =>
      Effect.gen(function* () {
        const fiber = yield* waiting((yield* ChainClock).waitPast(2n ** 256n - 1n))
        yield* moveTo(start + 100n)
        assert.isFalse(hasEnded(fiber))
      }))

    test("many wait, each for its own time, and those who gave up do not disturb the others", (start) =>
      Effect.gen(function* () {
        const clock = yield* ChainClock
        const woken: Array<number> = []
        const isPatient = (second: number) => second % 3 !== 0
        for (const second of shuffled) {
          const note = Effect.sync(() => void woken.push(second))
          const fiber = yield* waiting(Effect.andThen(clock.waitUntil(start + BigInt(second)), note))
          if (!isPatient(second)) yield* Fiber.interrupt(fiber)
        }
        const patient = shuffled.filter(isPatient)
        yield* moveTo(start + 100n)
        assert.sameMembers(
          woken,
          patient.filter((second) => second <= 100),
        )
        yield* moveTo(start + 300n)
        assert.sameMembers(woken, patient)
      }))

    test("withTimeout answers what is done in time, or why it failed", (start) =>
      Effect.gen(function* () {
        const clock = yield* ChainClock
        assert.strictEqual(yield* clock.withTimeout(Effect.succeed("done"), start), "done")
        assert.strictEqual(yield* Effect.flip(clock.withTimeout(Effect.fail("refused"), start)), "refused")
      }))

    test("withTimeout lets the effect go on at the limit, and interrupts it after", (start) =>
      Effect.gen(function* () {
        const clock = yield* ChainClock
        const interrupted = yield* Deferred.make<void>()
        const endless = Effect.onInterrupt(Effect.never, () => Deferred.succeed(interrupted, undefined))
        const fiber = yield* waiting(clock.withTimeout(endless, start + 10n))
        yield* moveTo(start + 10n)
        assert.isFalse(hasEnded(fiber))
        yield* moveTo(start + 11n)
        yield* Deferred.await(interrupted)
        const { _tag, limit } = yield* Effect.flip(Fiber.join(fiber))
        assert.deepStrictEqual([_tag, limit], ["TimedOut", start + 10n])
      }))

    test("withTimeout does not begin after the limit", (start) =>
      Effect.gen(function* () {
        const clock = yield* ChainClock
        const begun = yield* Deferred.make<void>()
        const { limit } = yield* Effect.flip(clock.withTimeout(Deferred.succeed(begun, undefined), start - 1n))
        assert.deepStrictEqual([limit, yield* Deferred.isDone(begun)], [start - 1n, false])
      }))
  })
}

/** 1 to 300, in no order. */
const shuffled = Array.from({ length: 300 }, (_, i) => ((i * 7919) % 300) + 1)

/** Lets everybody run who can. */
const settled = Effect.repeat(Effect.yieldNow, { times: 20 })

const waiting = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.forkScoped(effect, { startImmediately: true })

const hasEnded = (fiber: Fiber.Fiber<unknown, unknown>) => fiber.pollUnsafe() !== undefined
