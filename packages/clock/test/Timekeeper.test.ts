import { assert, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { Timekeeper } from "../src/internal/Timekeeper.ts"

it.effect("nobody is kept who gave up waiting, or whose time has come", () =>
  Effect.gen(function* () {
    const time = new Timekeeper(0n)
    const wait = (until: bigint) => Effect.forkChild(time.waitUntil(until), { startImmediately: true })
    const impatient = [yield* wait(10n), yield* wait(30n)]
    const patient = [yield* wait(20n), yield* wait(10n)]
    assert.strictEqual(time.waiting, 4)
    yield* Fiber.interruptAll(impatient)
    assert.strictEqual(time.waiting, 2)
    time.advance(10n)
    assert.strictEqual(time.waiting, 1)
    time.advance(20n)
    assert.strictEqual(time.waiting, 0)
    yield* Fiber.joinAll(patient)
  }),
)
