import { assert, describe, it } from "@effect/vitest"
import type { MarketEvent } from "@pecia/market"
import { Effect, Fiber, Layer, Logger, Stream } from "effect"
import { TestClock } from "effect/testing"
import { BlockReader, LogReader } from "../src/index.ts"
import { eventsOf } from "../src/internal/eventsOf.ts"
import { eventOfLog } from "../src/internal/marketplace/eventOfLog.ts"
import { MemoryNode } from "./MemoryNode.ts"

const readers = (node: MemoryNode, blocksPerPage = 40) =>
  LogReader.layer({ blocksPerPage }).pipe(Layer.provideMerge(BlockReader.layer()), Layer.provide(node.layer))

const ids = (events: ReadonlyArray<MarketEvent>) =>
  events.flatMap((event) => ("requestId" in event ? event.requestId : []))

const eventsAt = ({ address }: MemoryNode) =>
  Effect.map(LogReader, (logs) => eventsOf(logs, address, "marketplace", eventOfLog))

/** What is heard from a block on. */
const listen = Effect.fnUntraced(function* (node: MemoryNode, fromBlock?: bigint) {
  const heard: Array<MarketEvent> = []
  const events = yield* eventsAt(node)
  yield* events(fromBlock === undefined ? {} : { fromBlock }).pipe(
    Stream.runForEach((event) => Effect.sync(() => heard.push(event))),
    Effect.forkChild({ startImmediately: true }),
  )
  return heard
})

/** Runs with the warnings and other messages that are logged. */
const withLog = <A, E, R>(run: (lines: ReadonlyArray<string>) => Effect.Effect<A, E, R>) => {
  const lines: Array<string> = []
  const logger = Logger.make(({ logLevel, message }) => {
    if (logLevel === "Warn" || logLevel === "Info") lines.push(String(message))
  })
  return Effect.provide(run(lines), Logger.layer([logger]))
}

const mine = (node: MemoryNode, blocks: number) => {
  for (let i = 0; i < blocks; i++) node.mine(1)
}

describe("LogReader", () => {
  it.effect("asks once for each new block, however many listen", () => {
    const node = new MemoryNode()
    return Effect.gen(function* () {
      const heard = yield* Effect.forEach(Array.from({ length: 20 }), () => listen(node))
      yield* TestClock.adjust("1 second")
      node.asked = 0
      mine(node, 3)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(node.asked, 3)
      for (const events of heard) assert.deepStrictEqual(ids(events), node.told(1n))
    }).pipe(Effect.provide(readers(node)))
  })

  it.effect("asks for fewer blocks at once, and at once, when the node refuses, and tells nothing twice", () => {
    const node = new MemoryNode()
    mine(node, 500)
    node.longestRange = 7n
    return Effect.gen(function* () {
      const events = yield* eventsAt(node)
      // No time passes.
      const heard = yield* Stream.runCollect(Stream.take(events({ fromBlock: 0n }), 500))
      assert.deepStrictEqual(ids(heard), node.told(0n))
      // 73 pages of 6 blocks, and a longer one tried after every fourth; the newest 64 by their hashes.
      assert.isBelow(node.asked, 105 + 64)
    }).pipe(Effect.provide(readers(node, 400)))
  })

  it.effect("asks for as many blocks as before when the connection was lost", () => {
    const node = new MemoryNode()
    mine(node, 2_000)
    return Effect.gen(function* () {
      const heard = yield* listen(node, 0n)
      assert.isBelow(heard.length, 1_900)
      node.failures = 30
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(ids(heard), node.told(0n))
      assert.isAtMost(node.asked, 5 + 64)
    }).pipe(Effect.provide(readers(node, 400)))
  })

  it.effect("asks for more again when the node does not refuse any more", () => {
    const node = new MemoryNode()
    mine(node, 2_000)
    node.longestRange = 1n
    return Effect.gen(function* () {
      const events = yield* eventsAt(node)
      const some = yield* Effect.forkChild(Stream.runCollect(Stream.take(events({ fromBlock: 0n }), 10)))
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual((yield* Fiber.join(some)).length, 10)
      node.longestRange = 1_000n
      node.asked = 0
      const heard = yield* listen(node, 0n)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(heard.length, 2_000)
      // Four times each 1, 2, 4 ... 256, then 400 at a time; the newest 64 by their hashes.
      assert.isBelow(node.asked, 40 + 64)
    }).pipe(Effect.provide(readers(node, 400)))
  })

  it.effect("leaves out a log that is no event of the marketplace, says so, and goes on", () => {
    const node = new MemoryNode()
    return withLog((lines) =>
      Effect.gen(function* () {
        const heard = yield* listen(node)
        node.mineNonsense()
        node.mine(1)
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(ids(heard), node.told(2n))
        assert.deepStrictEqual(lines, ["Log 0 of block 1 is no event of the marketplace; it is left out."])
      }).pipe(Effect.provide(readers(node))),
    )
  })

  it.effect("tells of a reorganisation with its first block, then what happened instead", () => {
    const node = new MemoryNode()
    mine(node, 5)
    return Effect.gen(function* () {
      const heard = yield* listen(node, 4n)
      yield* TestClock.adjust("1 second")
      const before = ids(heard)
      assert.strictEqual(before.length, 2)
      node.drop(3)
      mine(node, 4)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(heard[2], { _tag: "ChainReorganised", blockNumber: 3n })
      assert.deepStrictEqual(ids(heard), [...before, ...node.told(4n)])
    }).pipe(Effect.provide(readers(node)))
  })

  it.effect("names block 0 when none of the blocks that it remembers is left", () => {
    const node = new MemoryNode()
    mine(node, 100)
    return Effect.gen(function* () {
      const heard = yield* listen(node, 90n)
      yield* TestClock.adjust("1 second")
      node.drop(70)
      mine(node, 71)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(heard[11], { _tag: "ChainReorganised", blockNumber: 0n })
      assert.deepStrictEqual(ids(heard.slice(12)), node.told(90n))
    }).pipe(Effect.provide(readers(node)))
  })

  it.effect("takes an older block of the same chain for a node that lags behind, not for a reorganisation", () => {
    const node = new MemoryNode()
    mine(node, 5)
    return Effect.gen(function* () {
      const heard = yield* listen(node, 0n)
      yield* TestClock.adjust("1 second")
      const { chain } = yield* BlockReader
      const known = yield* chain
      node.drop(2)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* chain, known)
      assert.strictEqual(heard.length, 5)
    }).pipe(Effect.provide(readers(node)))
  })
})

describe("BlockReader", () => {
  it.effect("goes on when the node answers again, and says both once", () => {
    const node = new MemoryNode()
    return withLog((lines) =>
      Effect.gen(function* () {
        const heard = yield* listen(node)
        node.failures = 30
        yield* TestClock.adjust("20 seconds")
        node.mine(1)
        assert.deepStrictEqual(lines, [
          "No new blocks can be read; trying until they can. The chain at memory does not answer (connection lost); check that its node runs and that the URL is right.",
        ])
        yield* TestClock.adjust("20 seconds")
        assert.deepStrictEqual(lines.slice(1), ["The chain at memory answers again."])
        assert.deepStrictEqual(ids(heard), node.told(1n))
      }).pipe(Effect.provide(readers(node))),
    )
  })

  it.effect("tells the newest block first, then each newer one that it sees", () => {
    const node = new MemoryNode()
    mine(node, 7)
    return Effect.gen(function* () {
      const { blocks } = yield* BlockReader
      const reading = yield* blocks.pipe(
        Stream.map(({ number }) => number),
        Stream.take(3),
        Stream.runCollect,
        Effect.forkChild({ startImmediately: true }),
      )
      node.mine(0)
      yield* TestClock.adjust("1 second")
      mine(node, 300)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* Fiber.join(reading), [7n, 8n, 308n])
    }).pipe(Effect.provide(readers(node)))
  })
})
