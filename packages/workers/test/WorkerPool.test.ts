import { once } from "node:events"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Scope } from "effect"
import { WorkerDied, WorkerPool } from "../src/index.ts"
import type { Tasks } from "./threads/counting.ts"

const file = new URL("threads/counting.ts", import.meta.url)
const pool = (size: number) => WorkerPool.make<Tasks>({ file, size })

/** Two numbers that threads share: how many tasks hold their threads, and whether they may let go. */
const gate = () => new Int32Array(new SharedArrayBuffer(8))
const held = (shared: Int32Array, tasks: number) =>
  Effect.promise(async () => {
    for (let seen = Atomics.load(shared, 0); seen < tasks; seen = Atomics.load(shared, 0))
      await Atomics.waitAsync(shared, 0, seen).value
  })
const letGo = (shared: Int32Array) =>
  Effect.sync(() => {
    Atomics.store(shared, 1, 1)
    Atomics.notify(shared, 1)
  })

/** The defect of a call. */
const death = Effect.fnUntraced(function* (call: Effect.Effect<unknown>) {
  const exit = yield* Effect.exit(call)
  const defect = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
  return defect instanceof WorkerDied ? defect : assert.fail(`not a dead worker: ${defect}`)
})

describe("WorkerPool", () => {
  it.effect("many calls at once are each answered with their own answer", () =>
    Effect.gen(function* () {
      const { call } = yield* pool(2)
      const numbers = Array.from({ length: 500 }, (_, i) => i)
      const answers = yield* Effect.forEach(numbers, (n) => call("double", () => ({ value: n })), {
        concurrency: "unbounded",
      })
      assert.deepStrictEqual(
        answers,
        numbers.map((n) => n * 2),
      )
    }),
  )

  it.effect("a thread is started when a call wants it, and used again", () =>
    Effect.gen(function* () {
      const { call } = yield* pool(4)
      const counts = yield* Effect.replicateEffect(
        call("count", () => ({ value: undefined })),
        5,
      )
      assert.deepStrictEqual(counts, [1, 2, 3, 4, 5])
    }),
  )

  it.effect("as many calls run at a time as the pool has threads, and messages are made when their turn has come", () =>
    Effect.gen(function* () {
      const { call } = yield* pool(2)
      const shared = gate()
      let made = 0
      const hold = call("hold", () => {
        made++
        return { value: shared }
      })
      const calls = yield* Effect.forkChild(Effect.all([hold, hold, hold], { concurrency: "unbounded" }))
      yield* held(shared, 2)
      assert.strictEqual(made, 2)
      yield* letGo(shared)
      assert.deepStrictEqual(yield* Fiber.join(calls), ["held", "held", "held"])
      assert.strictEqual(Atomics.load(shared, 0), 3)
    }),
  )

  it.effect("buffers that are moved go over and come back without a copy left behind", () =>
    Effect.gen(function* () {
      const { call } = yield* pool(1)
      const buffer = new ArrayBuffer(8)
      const answer = yield* call("fill", () => ({ value: buffer, moved: [buffer] }))
      assert.isTrue(buffer.detached)
      assert.deepStrictEqual(new Uint8Array(answer), new Uint8Array(8).fill(7))
    }),
  )

  it.effect("a task that throws is a defect that says what, and the next call has a new thread", () =>
    Effect.gen(function* () {
      const { call } = yield* pool(1)
      const count = call("count", () => ({ value: undefined }))
      assert.strictEqual(yield* count, 1)
      const died = yield* death(call("fail", () => ({ value: "too far" })))
      assert.instanceOf(died.cause, RangeError)
      assert.include(died.message, "counting.ts")
      assert.include(died.message, "too far")
      assert.strictEqual(yield* count, 1)
    }),
  )

  it.effect("a thread that ends itself in a call is a defect with its exit code, and is replaced", () =>
    Effect.gen(function* () {
      const { call } = yield* pool(1)
      for (const code of [3, 4]) {
        const died = yield* death(call("exit", () => ({ value: code })))
        assert.strictEqual(died.exitCode, code)
        assert.include(died.message, `exit code ${code}`)
      }
      assert.strictEqual(yield* call("double", () => ({ value: 4 })), 8)
    }),
  )

  it.effect("the death of one thread leaves the calls of others alone", () =>
    Effect.gen(function* () {
      const { call } = yield* pool(2)
      const shared = gate()
      const holding = yield* Effect.forkChild(call("hold", () => ({ value: shared })))
      yield* held(shared, 1)
      yield* death(call("exit", () => ({ value: 1 })))
      yield* letGo(shared)
      assert.strictEqual(yield* Fiber.join(holding), "held")
    }),
  )

  it.effect("a thread that has died between calls is not asked again", () =>
    Effect.gen(function* () {
      const started = once(process, "worker")
      const { call } = yield* pool(1)
      assert.strictEqual(yield* call("answerAndExit", () => ({ value: 5 })), "goodbye")
      const [worker] = yield* Effect.promise(() => started)
      yield* Effect.promise(() => once(worker, "exit"))
      assert.strictEqual(yield* call("double", () => ({ value: 1 })), 2)
    }),
  )

  it.effect("a file that cannot be run is a defect of each call, not of the pool", () =>
    Effect.gen(function* () {
      const broken = yield* WorkerPool.make<Tasks>({ file: new URL("threads/broken.ts", import.meta.url) })
      const missing = yield* WorkerPool.make<Tasks>({ file: new URL("threads/missing.ts", import.meta.url) })
      const double = (pool: WorkerPool<Tasks>) => death(pool.call("double", () => ({ value: 1 })))
      assert.include((yield* double(broken)).message, "no such addon")
      assert.include((yield* double(broken)).message, "no such addon")
      assert.include((yield* double(missing)).message, "missing.ts")
    }),
  )

  it.effect("what cannot be copied to a thread is a defect, and the pool goes on", () =>
    Effect.gen(function* () {
      const { call } = yield* pool(1)
      const gone = new ArrayBuffer(8)
      gone.transfer()
      const exit = yield* Effect.exit(call("fill", () => ({ value: gone, moved: [gone] })))
      assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
      assert.strictEqual(yield* call("double", () => ({ value: 2 })), 4)
    }),
  )

  it.effect("an interrupted call ends its thread and frees its place, though its task would never end", () =>
    Effect.gen(function* () {
      const started = once(process, "worker")
      const { call } = yield* pool(1)
      const shared = gate()
      const stuck = yield* Effect.forkChild(call("hold", () => ({ value: shared })))
      yield* held(shared, 1)
      const waiting = yield* Effect.forkChild(call("double", () => ({ value: 21 })))
      yield* Fiber.interrupt(stuck)
      const [worker] = yield* Effect.promise(() => started)
      assert.strictEqual(worker.threadId, -1, "the thread has ended")
      assert.strictEqual(yield* Fiber.join(waiting), 42)
    }),
  )

  it.effect("a call that is interrupted while it waits never runs, and the thread is not ended for it", () =>
    Effect.gen(function* () {
      const { call } = yield* pool(1)
      const shared = gate()
      const count = call("count", () => ({ value: undefined }))
      assert.strictEqual(yield* count, 1)
      const first = yield* Effect.forkChild(call("hold", () => ({ value: shared })))
      yield* held(shared, 1)
      const waiting = yield* Effect.forkChild(count, { startImmediately: true })
      yield* Fiber.interrupt(waiting)
      yield* letGo(shared)
      yield* Fiber.join(first)
      assert.strictEqual(yield* count, 2)
    }),
  )

  it.effect("a pool of no threads is a defect, since its calls would wait forever", () =>
    Effect.gen(function* () {
      for (const size of [0, -1, 1.5, Number.NaN]) {
        const exit = yield* Effect.exit(pool(size))
        assert.include(String(Exit.isFailure(exit) && Cause.squash(exit.cause)), `${size} threads`)
      }
    }),
  )

  it.effect("a pool that closes ends its threads: running, waiting and later calls die of it", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { call } = yield* Scope.provide(pool(1), scope)
      const shared = gate()
      const running = yield* Effect.forkChild(call("hold", () => ({ value: shared })))
      yield* held(shared, 1)
      const waiting = yield* Effect.forkChild(
        call("double", () => ({ value: 1 })),
        { startImmediately: true },
      )
      yield* Scope.close(scope, Exit.void)
      assert.include((yield* death(Fiber.join(running))).message, "its pool was closed")
      for (const call_ of [Fiber.join(waiting), call("double", () => ({ value: 1 }))]) {
        const exit = yield* Effect.exit(call_)
        assert.include(String(Exit.isFailure(exit) && Cause.squash(exit.cause)), "is closed")
      }
    }),
  )
})
