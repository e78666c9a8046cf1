import { assert } from "@effect/vitest"
import { Effect, Exit, Fiber, Option, References, Result } from "effect"
import { anOffer, aSlot, assertLaw, type MakeLayer, slotIdOf, tester } from "./fixtures.ts"

/**
 * Fiber number n lets the others on after a few steps: three, the fewest that get it on itself, or up to seven, so that any two
 * fibers meet at many points and whatever is not atomic shows.
 */
const inTurns =
  (n: number) =>
  <A, E>(self: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.provideService(self, References.MaxOpsBeforeYield, 3 + (n % 5))

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)

export const racing = (layer: MakeLayer): void => {
  const test = tester(layer)

  test("five slots at once on ten availabilities for one slot each get five different ones", (ledger) =>
    Effect.gen(function* () {
      for (const _ of numbers(10)) yield* ledger.offer(anOffer())
      const reserved = yield* Effect.forEach(numbers(5), (n) => inTurns(n)(ledger.reserve(aSlot(n))), {
        concurrency: "unbounded",
      })
      assert.strictEqual(new Set(reserved.map((one) => one.availabilityId)).size, 5)
    }))

  test("ten slots at once on an availability for five: exactly five succeed", (ledger) =>
    Effect.gen(function* () {
      const { id } = yield* ledger.offer(anOffer({ totalBytes: 500n }))
      const attempts = numbers(10).map((n) => inTurns(n)(Effect.result(ledger.reserve(aSlot(n)))))
      const results = yield* Effect.all(attempts, { concurrency: "unbounded" })
      assert.lengthOf(results.filter(Result.isSuccess), 5)
      assert.isTrue(results.filter(Result.isFailure).every(({ failure }) => failure._tag === "NoMatch"))
      assert.strictEqual((yield* ledger.availability(id)).freeBytes, 0n)
    }))

  test("the same slot at once is reserved once", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.offer(anOffer({ totalBytes: 500n }))
      const attempts = numbers(5).map((n) => inTurns(n)(Effect.result(ledger.reserve(aSlot(1)))))
      const results = yield* Effect.all(attempts, { concurrency: "unbounded" })
      assert.lengthOf(results.filter(Result.isSuccess), 1)
      assert.isTrue(results.filter(Result.isFailure).every(({ failure }) => failure._tag === "AlreadyReserved"))
    }))

  test("offers and uploads at once never take more than the quota", (ledger) =>
    Effect.gen(function* () {
      const attempts = numbers(20).map((n) => {
        const attempt = n % 2 === 0 ? Effect.asVoid(ledger.offer(anOffer())) : ledger.hold(`upload ${n}`, 100n)
        return inTurns(n)(Effect.exit(attempt))
      })
      const exits = yield* Effect.all(attempts, { concurrency: "unbounded" })
      assert.lengthOf(exits.filter(Exit.isSuccess), 10)
      assert.strictEqual((yield* ledger.space).reservedBytes, 1000n)
    }))

  test("of two uploads at once that do not both fit, one is refused, wherever they meet", (ledger) =>
    Effect.gen(function* () {
      for (const [a, b] of numbers(25).map((n) => [n % 5, Math.floor(n / 5)] as const)) {
        const attempts = [inTurns(a)(ledger.hold("a", 501n)), inTurns(b)(ledger.hold("b", 500n))]
        const exits = yield* Effect.all(attempts.map(Effect.exit), { concurrency: "unbounded" })
        assert.lengthOf(exits.filter(Exit.isSuccess), 1)
        yield* ledger.giveBack("a")
        yield* ledger.giveBack("b")
      }
    }))

  test("a reservation that is interrupted anywhere holds all of its bytes or none", (ledger) =>
    Effect.gen(function* () {
      const { id } = yield* ledger.offer(anOffer())
      let held = 0
      for (const turns of numbers(150)) {
        const fiber = yield* Effect.forkChild(inTurns(turns)(ledger.reserve(aSlot(1))), { startImmediately: true })
        for (const _ of numbers(turns)) yield* Effect.yieldNow
        yield* Fiber.interrupt(fiber)
        const reservation = yield* ledger.reservation(slotIdOf(1))
        assert.strictEqual((yield* ledger.availability(id)).freeBytes, Option.isSome(reservation) ? 0n : 100n)
        yield* assertLaw(ledger)
        if (Option.isSome(reservation)) held++
        yield* ledger.giveBack(slotIdOf(1))
      }
      assert.isTrue(held > 0, "some came through")
    }))
}
