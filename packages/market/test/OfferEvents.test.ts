import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { TestClock } from "effect/testing"
import { ChainError, MemoryOfferMarket, OfferEvent, OfferEvents, OfferMarket, Unreachable } from "../src/index.ts"

const event = (blockNumber: bigint) => OfferEvent.make({ _tag: "ChainReorganised", blockNumber })
const broken = new ChainError({
  reason: new Unreachable({ url: "http://127.0.0.1:8545", detail: "connection refused" }),
})

describe("OfferEvents.follow", () => {
  it.effect("resumes from the block of the latest event where reading breaks off", () =>
    Effect.gen(function* () {
      const market = yield* OfferMarket
      const readings = [Stream.concat(Stream.make(event(3n), event(5n)), Stream.fail(broken)), Stream.make(event(6n))]
      const from: Array<bigint | undefined> = []
      const events: OfferMarket["Service"]["events"] = (options) => {
        from.push(options?.fromBlock)
        return readings[from.length - 1] ?? Stream.never
      }
      const heard: Array<bigint> = []
      yield* OfferEvents.follow(({ blockNumber }) => Effect.sync(() => void heard.push(blockNumber)), {
        fromBlock: 2n,
      }).pipe(
        Effect.provide(Layer.succeed(OfferMarket, { ...market, events })),
        Effect.forkChild({ startImmediately: true }),
      )
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(heard, [3n, 5n, 6n])
      assert.deepStrictEqual(from, [2n, 5n, 6n])
    }).pipe(Effect.provide(MemoryOfferMarket.layerTest())),
  )
})
