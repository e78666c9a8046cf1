import { assert, describe, it } from "@effect/vitest"
import { Data, Effect, Fiber, Option } from "effect"
import { TestClock } from "effect/testing"
import { type Submission, submit } from "../src/index.ts"

class Unreachable extends Data.TaggedError("Unreachable") {
  readonly isRetryable = true
}
class InsufficientAllowance extends Data.TaggedError("InsufficientAllowance") {}
class RequestAlreadyExists extends Data.TaggedError("RequestAlreadyExists") {}
class InsufficientBalance extends Data.TaggedError("InsufficientBalance") {
  override message = "Too few tokens."
}
class TimedOut extends Data.TaggedError("TimedOut") {}

type World = Submission<string, unknown, never>

/** A chain that takes requests until a minute has passed; `faults` are what it answers before it works. */
const makeWorld = (changes: Partial<World> = {}, faults: Array<Effect.Effect<never, unknown>> = []) => {
  const calls: Array<string> = []
  let isThere = false
  const call = (name: string, effect: Effect.Effect<unknown, unknown> = Effect.void) =>
    Effect.suspend(() => {
      calls.push(name)
      return effect
    })
  const world: World = {
    what: "Request 1",
    look: Effect.sync(() => (isThere ? Option.some("seen") : Option.none())),
    isSensible: Effect.succeed(true),
    approve: call("approve"),
    send: call(
      "send",
      Effect.suspend((): Effect.Effect<void, unknown> => {
        const fault = faults.shift()
        if (fault !== undefined) return fault
        isThere = true
        return Effect.void
      }),
    ),
    limit: (sending) =>
      Effect.raceFirst(sending, Effect.andThen(Effect.sleep("1 minute"), Effect.fail(new TimedOut()))),
    arrived: "arrived",
    refused: (detail) => detail,
    ...changes,
  }
  const outcome = Effect.gen(function* () {
    const running = yield* Effect.forkChild(Effect.scoped(submit(world)), { startImmediately: true })
    yield* TestClock.adjust("2 minutes")
    return yield* Fiber.join(running)
  })
  const arrive = () => {
    isThere = true
  }
  return { calls, outcome, arrive }
}

const neverAccepted = "The request was never accepted by the chain before it would have expired; nothing was paid."

describe("what is submitted", () => {
  it.effect("is approved and sent", () =>
    Effect.gen(function* () {
      const { calls, outcome } = makeWorld()
      assert.strictEqual(yield* outcome, "arrived")
      assert.deepStrictEqual(calls, ["approve", "send"])
    }),
  )

  it.effect("is not sent when it is there, nor when it makes no sense any more", () =>
    Effect.gen(function* () {
      const there = makeWorld({ look: Effect.succeed(Option.some("seen")) })
      assert.strictEqual(yield* there.outcome, "seen")
      const late = makeWorld({ isSensible: Effect.succeed(false) })
      assert.strictEqual(yield* late.outcome, neverAccepted)
      assert.deepStrictEqual([...there.calls, ...late.calls], [])
    }),
  )

  it.effect("is approved once while the chain does not answer, and anew when somebody else used that up", () =>
    Effect.gen(function* () {
      const offline = makeWorld({}, [Effect.fail(new Unreachable()), Effect.fail(new Unreachable())])
      assert.strictEqual(yield* offline.outcome, "arrived")
      assert.deepStrictEqual(offline.calls, ["approve", "send", "send", "send"])
      const stolen = makeWorld({}, [Effect.fail(new InsufficientAllowance())])
      assert.strictEqual(yield* stolen.outcome, "arrived")
      assert.deepStrictEqual(stolen.calls, ["approve", "send", "approve", "send"])
    }),
  )

  it.effect("has arrived when the chain has it already, a second later", () =>
    Effect.gen(function* () {
      const { outcome } = makeWorld({}, [Effect.fail(new RequestAlreadyExists())])
      assert.strictEqual(yield* outcome, "arrived")
    }),
  )

  it.effect(
    "is refused with the reason of its failure, its defect or its lateness, unless it arrived nevertheless",
    () =>
      Effect.gen(function* () {
        const reasons: ReadonlyArray<readonly [Effect.Effect<never, unknown>, string]> = [
          [Effect.fail(new InsufficientBalance()), "Too few tokens."],
          [Effect.die(new Error("broken")), "broken"],
          [Effect.fail(new Unreachable()), neverAccepted],
        ]
        for (const [failure, reason] of reasons) {
          const forEver = Array.from({ length: 100 }, () => failure)
          assert.strictEqual(yield* makeWorld({}, forEver).outcome, reason)
          const arriving = makeWorld({}, [
            Effect.andThen(
              Effect.sync(() => arriving.arrive()),
              failure,
            ),
            ...forEver,
          ])
          assert.strictEqual(yield* arriving.outcome, "seen")
        }
      }),
  )
})
