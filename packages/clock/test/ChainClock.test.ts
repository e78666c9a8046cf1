import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Deferred, Duration, Effect, Exit, Fiber, Layer, Queue, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { type Block, ChainClock, TestChain } from "../src/index.ts"
import { ClockTest } from "../src/testing/index.ts"

const millis = (seconds: bigint) => Number(seconds * 1000n)

ClockTest.suite("ChainClock.layerTest", ChainClock.layerTest(1_700_000_000n), (to) =>
  TestChain.use(({ advanceTo }) => advanceTo(to)),
)

ClockTest.suite(
  "ChainClock.layerSystem",
  Layer.provideMerge(ChainClock.layerSystem, Layer.effectDiscard(TestClock.setTime(1_700_000_000_000))),
  (to) => TestClock.setTime(millis(to)),
)

class Miner extends Context.Service<Miner, Queue.Queue<Block>>()("test/Miner") {
  static readonly layer = Layer.effect(Miner, Queue.bounded<Block>(16))
}

ClockTest.suite(
  "ChainClock.layerBlocks",
  Layer.unwrap(
    Effect.gen(function* () {
      const miner = yield* Miner
      yield* Queue.offer(miner, { number: 1n, timestamp: 1_700_000_000n })
      return ChainClock.layerBlocks(Stream.fromQueue(miner))
    }),
  ).pipe(Layer.provideMerge(Miner.layer)),
  (timestamp) => Miner.use((miner) => Queue.offer(miner, { number: 2n, timestamp })).pipe(Effect.asVoid),
)

const block = (timestamp: bigint): Block => ({ number: 0n, timestamp })

/** Builds a clock that lives until its scope is closed. */
const buildIn = (scope: Scope.Scope, blocks: Stream.Stream<Block>) =>
  Effect.map(Layer.buildWithScope(ChainClock.layerBlocks(blocks), scope), Context.get(ChainClock))

const hasEnded = (fiber: Fiber.Fiber<unknown, unknown>) => fiber.pollUnsafe() !== undefined
const settled = Effect.repeat(Effect.yieldNow, { times: 20 })

describe("ChainClock.layerBlocks", () => {
  it.effect("is there with the first block", () =>
    Effect.gen(function* () {
      const first = yield* Deferred.make<Block>()
      const blocks = Stream.concat(Stream.fromEffect(Deferred.await(first)), Stream.never)
      const clock = yield* Effect.forkChild(buildIn(yield* Effect.scope, blocks), { startImmediately: true })
      yield* settled
      assert.isFalse(hasEnded(clock))
      yield* Deferred.succeed(first, block(12n))
      assert.strictEqual(yield* (yield* Fiber.join(clock)).now, 12n)
    }),
  )

  it.effect("subscribes once, however many wait, and no longer than it lives (seed defects 11 and 23)", () =>
    Effect.gen(function* () {
      let [begun, ended] = [0, 0]
      const blocks = Stream.concat(Stream.make(block(1n)), Stream.never).pipe(
        Stream.onStart(Effect.sync(() => void begun++)),
        Stream.ensuring(Effect.sync(() => void ended++)),
      )
      const scope = yield* Scope.make()
      const clock = yield* buildIn(scope, blocks)
      const wait = Effect.forkChild(clock.waitUntil(2n), { startImmediately: true })
      const fibers = yield* Effect.all(Array.from({ length: 100 }, () => wait))
      assert.deepStrictEqual([begun, ended], [1, 0])
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual([begun, ended], [1, 1])
      for (const fiber of fibers) assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
    }),
  )

  it.effect("a stream of blocks that ends is a defect for all who wait or ask", () =>
    Effect.gen(function* () {
      const end = yield* Deferred.make<void>()
      const blocks = Stream.concat(Stream.make(block(1n)), Stream.drain(Stream.fromEffect(Deferred.await(end))))
      const clock = yield* buildIn(yield* Effect.scope, blocks)
      const fiber = yield* Effect.forkChild(clock.waitUntil(2n), { startImmediately: true })
      yield* Deferred.succeed(end, undefined)
      const waited = yield* Fiber.await(fiber)
      const others = yield* Effect.all([Effect.exit(clock.now), Effect.exit(clock.waitPast(0n))])
      for (const exit of [waited, ...others]) assert.match(String(exit), /The stream of blocks has ended/)
    }),
  )

  it.effect("a defect of the stream is not hidden", () =>
    Effect.gen(function* () {
      const blocks = Stream.concat(Stream.make(block(1n)), Stream.die("the reader is broken"))
      const clock = yield* buildIn(yield* Effect.scope, blocks)
      assert.match(String(yield* Effect.exit(clock.waitUntil(2n))), /the reader is broken/)
    }),
  )

  it.effect("without a first block it cannot be built", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(buildIn(yield* Effect.scope, Stream.empty))
      assert.match(String(exit), /The stream of blocks has ended/)
    }),
  )
})

describe("ChainClock.layerTest", () => {
  it.effect("a block that passes several times wakes the earliest first", () =>
    Effect.gen(function* () {
      const clock = yield* ChainClock
      const woken: Array<bigint> = []
      for (const time of [30n, 10n, 20n, 10n]) {
        const note = Effect.sync(() => void woken.push(time))
        yield* Effect.forkChild(Effect.andThen(clock.waitUntil(time), note), { startImmediately: true })
      }
      yield* TestChain.use(({ advance }) => advance(100n))
      yield* settled
      assert.deepStrictEqual(woken, [10n, 10n, 20n, 30n])
    }).pipe(Effect.provide(ChainClock.layerTest())),
  )
})

describe("ChainClock.layerSystem", () => {
  /** A wait from 1000.25 s on, and how long it slept each time, in milliseconds. */
  const waitUntil = Effect.fnUntraced(function* (time: bigint) {
    const testClock = yield* Clock.Clock
    const sleeps: Array<number> = []
    const sleep = (duration: Duration.Duration) => {
      sleeps.push(Duration.toMillis(duration))
      return testClock.sleep(duration)
    }
    yield* TestClock.setTime(1_000_250)
    const fiber = yield* ChainClock.use((clock) => clock.waitUntil(time)).pipe(
      Effect.provide(ChainClock.layerSystem),
      Effect.provideService(Clock.Clock, { ...testClock, sleep }),
      Effect.forkChild({ startImmediately: true }),
    )
    return { fiber, sleeps }
  })

  it.effect("sleeps once, and exactly until the second that is waited for (seed defect 23)", () =>
    Effect.gen(function* () {
      const { fiber, sleeps } = yield* waitUntil(1_002n)
      yield* TestClock.adjust(1_749)
      assert.isFalse(hasEnded(fiber))
      yield* TestClock.adjust(1)
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(sleeps, [1_750])
    }),
  )

  it.effect("sleeps an hour at most, since the machine's clock may be set meanwhile", () =>
    Effect.gen(function* () {
      const { fiber, sleeps } = yield* waitUntil(1_000n + 7_300n)
      yield* TestClock.adjust("2 hours")
      assert.isFalse(hasEnded(fiber))
      yield* TestClock.adjust("99750 millis")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(sleeps, [3_600_000, 3_600_000, 99_750])
    }),
  )
})
