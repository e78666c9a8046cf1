import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { type Life, mortal } from "../src/testing/index.ts"

/** Calls a service twice, the second time where nothing may be cut off, and cleans up afterwards. */
const runWith = Effect.fnUntraced(function* (life: Life) {
  const done: Array<string> = []
  const say = (what: string) => Effect.sync(() => done.push(what))
  const service = mortal({ name: "a service", begin: say("begun"), write: (what: string) => say(what) }, life)
  const program = Effect.gen(function* () {
    yield* service.begin
    yield* Effect.uninterruptible(service.write(service.name))
    done.push("told")
  }).pipe(Effect.ensuring(service.write("cleaned up")))
  const running = yield* Effect.forkChild(program, { startImmediately: true })
  yield* Effect.yieldNow
  if (!life.dead) yield* Fiber.join(running)
  return done
})

describe("a mortal service", () => {
  it.effect("is the service itself as long as it lives", () =>
    Effect.gen(function* () {
      const done = yield* runWith({ dead: false })
      assert.deepStrictEqual(done, ["begun", "a service", "told", "cleaned up"])
    }),
  )

  it.effect("that dies before a call does not do what was called, nor anything after it", () =>
    Effect.gen(function* () {
      const life: Life = { dead: false, crash: { member: "write", when: "before" } }
      assert.deepStrictEqual(yield* runWith(life), ["begun"])
      assert.isTrue(life.dead)
    }),
  )

  it.effect("that dies after a call has done it, and nobody learns of it", () =>
    Effect.gen(function* () {
      const life: Life = { dead: false, crash: { member: "write", when: "after" } }
      assert.deepStrictEqual(yield* runWith(life), ["begun", "a service"])
      assert.isTrue(life.dead)
    }),
  )

  it.effect("that is dead does nothing", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* runWith({ dead: true }), [])
    }),
  )
})
