import { assert, describe, it } from "@effect/vitest"
import { Cause, type Duration, Effect, Layer, Logger, Stream } from "effect"
import { TestClock } from "effect/testing"
import { ChainError, Market, MarketEvent, MarketEvents, MemoryMarket, Unreachable } from "../src/index.ts"

const event = (blockNumber: bigint) => MarketEvent.make({ _tag: "ChainReorganised", blockNumber })
const broken = Stream.fail(
  new ChainError({ reason: new Unreachable({ url: "http://127.0.0.1:8545", detail: "connection refused" }) }),
)

/** A market whose events are, at each reading, those of the next reading given; the last of them does not end. */
const marketOf = Effect.fnUntraced(function* (readings: ReadonlyArray<Stream.Stream<MarketEvent, ChainError>>) {
  const market = yield* Market
  const from: Array<bigint | undefined> = []
  const events: Market["Service"]["events"] = (options) => {
    from.push(options?.fromBlock)
    return readings[from.length - 1] ?? Stream.never
  }
  return { from, layer: Layer.succeed(Market, { ...market, events }) }
})

describe("MarketEvents.follow", () => {
  it.effect("begins with the block that it is told, and without one with whatever comes next", () =>
    Effect.gen(function* () {
      const { from, layer } = yield* marketOf([])
      const ignore = () => Effect.void
      yield* Effect.forkChild(Effect.provide(MarketEvents.follow(ignore, { fromBlock: 7n }), layer), {
        startImmediately: true,
      })
      yield* Effect.forkChild(Effect.provide(MarketEvents.follow(ignore), layer), { startImmediately: true })
      assert.deepStrictEqual(from, [7n, undefined])
    }).pipe(Effect.provide(MemoryMarket.layerTest())),
  )

  it.effect("resumes from the block of the latest event where reading breaks off, ends or dies", () =>
    Effect.gen(function* () {
      const { from, layer } = yield* marketOf([
        broken,
        Stream.concat(Stream.make(event(3n), event(5n)), broken),
        Stream.make(event(6n)),
        Stream.concat(Stream.make(event(4n)), Stream.die("a fault of the program")),
        Stream.concat(Stream.make(event(9n)), Stream.never),
      ])
      const heard: Array<bigint> = []
      yield* MarketEvents.follow(({ blockNumber }) => Effect.sync(() => void heard.push(blockNumber)), {
        fromBlock: 2n,
      }).pipe(Effect.provide(layer), Effect.forkChild({ startImmediately: true }))
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(heard, [3n, 5n, 6n, 4n, 9n])
      assert.deepStrictEqual(from, [2n, 2n, 5n, 6n, 4n])
    }).pipe(Effect.provide(MemoryMarket.layerTest())),
  )

  it.effect("hands an event over again when handling it died", () =>
    Effect.gen(function* () {
      const { from, layer } = yield* marketOf([Stream.make(event(3n)), Stream.make(event(3n), event(4n))])
      const heard: Array<bigint> = []
      let deaths = 1
      yield* MarketEvents.follow(({ blockNumber }) =>
        deaths-- > 0 ? Effect.die("a fault of the program") : Effect.sync(() => void heard.push(blockNumber)),
      ).pipe(Effect.provide(layer), Effect.forkChild({ startImmediately: true }))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(heard, [3n, 4n])
      assert.deepStrictEqual(from, [undefined, 3n, 4n])
    }).pipe(Effect.provide(MemoryMarket.layerTest())),
  )

  it.effect("tries again after half a second, and later after at most half a minute", () =>
    Effect.gen(function* () {
      const { from, layer } = yield* marketOf(Array.from({ length: 100 }, () => broken))
      yield* MarketEvents.follow(() => Effect.void).pipe(
        Effect.provide(layer),
        Effect.forkChild({ startImmediately: true }),
      )
      yield* TestClock.adjust("499 millis")
      assert.strictEqual(from.length, 1)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(from.length, 2)
      yield* TestClock.adjust("10 minutes")
      const before = from.length
      yield* TestClock.adjust("30 minutes")
      assert.strictEqual(from.length, before + 60)
    }).pipe(Effect.provide(MemoryMarket.layerTest())),
  )

  it.effect("waits for half a second again after it has made progress, and not when an event only came again", () =>
    Effect.gen(function* () {
      const failing = (...blocks: ReadonlyArray<bigint>) =>
        Stream.concat(Stream.fromIterable(blocks.map(event)), broken)
      const { from, layer } = yield* marketOf([
        ...Array.from({ length: 9 }, () => failing()),
        failing(3n),
        failing(3n),
        failing(3n),
        failing(4n),
      ])
      yield* MarketEvents.follow(() => Effect.void).pipe(
        Effect.provide(layer),
        Effect.forkChild({ startImmediately: true }),
      )
      const readingsIn = Effect.fnUntraced(function* (time: Duration.Input) {
        const before = from.length
        yield* TestClock.adjust(time)
        return from.length - before
      })
      // half a second, 1, 2, 4, 8, 16, and 30 three times
      assert.strictEqual(yield* readingsIn("121500 millis"), 9)
      assert.strictEqual(yield* readingsIn("500 millis"), 1)
      assert.strictEqual(yield* readingsIn("999 millis"), 0)
      assert.strictEqual(yield* readingsIn("1 millis"), 1)
      assert.strictEqual(yield* readingsIn("2 seconds"), 1)
      assert.strictEqual(yield* readingsIn("500 millis"), 1)
    }).pipe(Effect.provide(MemoryMarket.layerTest())),
  )

  it.effect("says what broke off: reading in a sentence, a fault of the program under its name with its stack", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const logger = Logger.make(({ logLevel, message, cause }) => {
        lines.push([logLevel, message, Cause.pretty(cause)].join(" "))
      })
      const { layer } = yield* marketOf([broken, Stream.die(new Error("read fault")), Stream.make(event(3n))])
      const badHandler = () => Effect.die(new Error("handler fault"))
      yield* MarketEvents.follow(badHandler).pipe(
        Effect.provide([layer, Logger.layer([logger])]),
        Effect.forkChild({ startImmediately: true }),
      )
      yield* TestClock.adjust("1500 millis")
      const [unread = "", died = "", unhandled = "", ...others] = lines
      assert.match(unread, /^Warn The events of the market could not be read: .*connection refused.* Trying again\. $/)
      assert.match(died, /^Error The events of the market could not be read; trying again\. Error: read fault\n +at /)
      assert.match(
        unhandled,
        /^Error The event ChainReorganised of block 3 could not be handled; trying again\. Error: handler fault\n +at /,
      )
      assert.deepStrictEqual(others, [])
    }).pipe(Effect.provide(MemoryMarket.layerTest())),
  )
})
