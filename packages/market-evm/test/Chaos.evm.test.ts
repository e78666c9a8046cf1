import { assert, describe, it } from "@effect/vitest"
import { Devnet } from "@pecia/devnet"
import type { MarketEvent } from "@pecia/market"
import { Context, Effect, Exit, Fiber, Layer, Logger, Queue, Scope, Stream } from "effect"
import { TestDeployment } from "./AnvilBed.ts"
import { openMarkets } from "./DevnetControl.ts"
import { idOf, newOffers, offer, start, toldOf } from "./Scene.ts"

/** A devnet of its own, whose node the test can take away: `devnet.url` is where another one has to appear. */
const mortalDevnet = Effect.gen(function* () {
  const test = yield* Effect.scope
  const life = yield* Scope.fork(test)
  const context = yield* Effect.provideService(Layer.build(TestDeployment.layer), Scope.Scope, life)
  const scoped = Context.add(context, Scope.Scope, test)
  return {
    devnet: Context.get(context, Devnet),
    newMarket: yield* Effect.provideContext(openMarkets(), scoped),
    die: Scope.close(life, Exit.void),
  }
})

/** The requests that are told of, each once: it may be told of again after a reorganisation. */
const requestsOf = <E>(events: Stream.Stream<MarketEvent, E>) =>
  Stream.suspend(() => {
    const seen = new Set<string>()
    return Stream.flatMap(events, (event) => {
      const id = toldOf(event)
      if (id === undefined || seen.has(id)) return Stream.empty
      seen.add(id)
      return Stream.succeed(id)
    })
  })

describe("MarketEvm", () => {
  it.live("goes on when the node dies and comes back: no event is lost, and what was in its pool is mined", () =>
    Effect.gen(function* () {
      const { devnet, die, newMarket } = yield* mortalDevnet
      const market = yield* newMarket()
      const offers = yield* newOffers(market, 4)
      const [before, inPool, after, later] = offers
      if (!before || !inPool || !after || !later) return assert.fail("four offers")
      const hearing = yield* start(Stream.runCollect(Stream.take(requestsOf(market.events()), 4)))
      yield* market.requestStorage(before)
      yield* devnet.rpc("evm_setAutomine", [false])
      const inFlight = yield* start(market.requestStorage(inPool))
      const pending = Effect.map(devnet.rpc("txpool_status"), (status) => Object(status).pending)
      yield* Effect.repeat(pending, { until: (count) => count === "0x1" })
      const state = yield* devnet.rpc("anvil_dumpState")
      yield* die
      assert.strictEqual((yield* Effect.flip(market.requestState(idOf(before)))).reason._tag, "Unreachable")
      assert.isUndefined(inFlight.pollUnsafe())

      const again = yield* Devnet.make({ port: Number(new URL(devnet.url).port) })
      yield* again.rpc("anvil_loadState", [state])
      yield* Fiber.join(inFlight)
      yield* market.requestStorage(after)
      yield* market.requestStorage(later)
      assert.deepStrictEqual(yield* Fiber.join(hearing), offers.map(idOf))
    }),
  )

  it.live(
    "lets an interrupted caller go within 15 seconds when the node is gone and never tells what came of his write",
    () =>
      Effect.gen(function* () {
        const { devnet, die, newMarket } = yield* mortalDevnet
        const lines: Array<string> = []
        const logger = Logger.make(({ message }) => {
          lines.push(String(message))
        })
        const market = yield* newMarket()
        yield* devnet.rpc("evm_setAutomine", [false])
        const writing = yield* start(
          Effect.provide(offer(market), Logger.layer([logger], { mergeWithExisting: false })),
        )
        const pending = Effect.map(devnet.rpc("txpool_status"), (status) => Object(status).pending)
        yield* Effect.repeat(pending, { until: (count) => count === "0x1" })
        yield* die
        // It waits until nothing is in flight, and is never sent.
        const unsent = yield* start(market.approveFunds(1n))
        yield* Effect.timeout(Fiber.interruptAll([writing, unsent]), "15 seconds")
        assert.match(
          lines.join(),
          /^Gave up waiting for the outcome of requestStorage: transaction 0x[0-9a-f]{64} was not mined within 10 seconds/,
        )
      }),
  )

  it.live("closes its layer at once with a write in flight and the node gone", () =>
    Effect.gen(function* () {
      const layer = yield* Scope.fork(yield* Effect.scope)
      const { devnet, die, newMarket } = yield* Effect.provideService(mortalDevnet, Scope.Scope, layer)
      const market = yield* newMarket()
      yield* devnet.rpc("evm_setAutomine", [false])
      const writing = yield* start(offer(market))
      const pending = Effect.map(devnet.rpc("txpool_status"), (status) => Object(status).pending)
      yield* Effect.repeat(pending, { until: (count) => count === "0x1" })
      yield* die
      yield* Effect.timeout(Scope.close(layer, Exit.void), "8 seconds")
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(writing)))
    }),
  )

  it.live("tells of a reorganisation, then of what happened instead; writes go on with the account's new nonce", () =>
    Effect.gen(function* () {
      const { devnet, newMarket } = yield* mortalDevnet
      const market = yield* newMarket()
      const offers = yield* newOffers(market, 3)
      const [kept, lost, alsoLost] = offers.map(idOf)
      const last = offers[2]
      if (!kept || !lost || !alsoLost || !last) return assert.fail("three offers")
      const told = yield* Queue.bounded<MarketEvent>(100)
      yield* start(Stream.runForEach(market.events(), (event) => Queue.offer(told, event)))
      yield* Effect.forEach(offers, market.requestStorage)
      const before = yield* Queue.takeN(told, 3)
      yield* devnet.rpc("anvil_reorg", [2, []])
      yield* market.requestStorage(last)
      const heard = [...before, ...(yield* Queue.takeN(told, 2))]
      const [first, second] = heard
      if (!first || !second) return assert.fail("two events")
      assert.deepStrictEqual(
        heard.map((event) => toldOf(event) ?? event),
        [kept, lost, alsoLost, { _tag: "ChainReorganised", blockNumber: second.blockNumber }, alsoLost],
      )
      assert.strictEqual(second.blockNumber, first.blockNumber + 1n)
      const replayed = yield* Stream.runCollect(Stream.take(requestsOf(market.events({ fromBlock: 0n })), 2))
      assert.deepStrictEqual(replayed, [kept, alsoLost])
    }),
  )
})
