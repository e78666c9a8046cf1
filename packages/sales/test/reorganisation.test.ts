import { assert, describe, it } from "@effect/vitest"
import type { MarketEvent } from "@pecia/market"
import { Effect, Option, PubSub, Stream } from "effect"
import {
  eventually,
  layerChain,
  makeClient,
  makeHost,
  pass,
  passUntil,
  rivalFills,
  settle,
  slotSize,
  unreachable,
} from "./bed.ts"

describe("a reorganisation of the chain", () => {
  it.effect("that undoes the end of a request brings its host back to hosting; nothing is freed", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const reorganised = yield* PubSub.unbounded<MarketEvent>()
      let isFinished = false
      let freed = 0
      const host = yield* makeHost({
        faults: (market) => ({
          events: (options) => Stream.merge(market.events(options), Stream.fromPubSub(reorganised)),
          requestState: (id) =>
            isFinished ? Effect.succeed(Option.some("Finished" as const)) : market.requestState(id),
          slotState: (id) => (isFinished ? Effect.succeed("Finished" as const) : market.slotState(id)),
          freeSlot: () =>
            Effect.andThen(
              Effect.sync(() => {
                freed += 1
              }),
              unreachable,
            ),
        }),
      })
      const { reaches } = yield* host.run()
      const { slot } = yield* client.request()
      yield* reaches(slot(0n), "SaleProving")
      const reorganise = Effect.andThen(
        PubSub.publish(reorganised, { _tag: "ChainReorganised", blockNumber: 258n }),
        settle,
      )
      isFinished = true
      yield* reorganise
      yield* reaches(slot(0n), "SalePayout")
      assert.strictEqual(freed, 1)
      isFinished = false
      yield* reorganise
      yield* reaches(slot(0n), "SaleProving")
      yield* pass(100n)
      assert.strictEqual(freed, 1)
      assert.notInclude(host.storage.calls, "clear 0")
    }).pipe(Effect.provide(layerChain)),
  )

  for (const told of [true, false]) {
    it.effect(`that undoes a payout has it paid again${told ? "" : ", although no event told of it"}`, () =>
      Effect.gen(function* () {
        const client = yield* makeClient
        const reorganised = yield* PubSub.unbounded<MarketEvent>()
        let isPaid = false
        let isUndone = false
        const host = yield* makeHost({
          faults: (market) => ({
            events: (options) => Stream.merge(market.events(options), Stream.fromPubSub(reorganised)),
            freeSlot: (id) =>
              Effect.suspend(() => {
                isPaid = true
                return isUndone ? market.freeSlot(id) : Effect.void
              }),
            slotState: (id) =>
              Effect.suspend(() => (isPaid && !isUndone ? Effect.succeed("Paid" as const) : market.slotState(id))),
            mySlots: Effect.suspend(() => (isPaid && !isUndone ? Effect.succeed([]) : market.mySlots)),
          }),
        })
        const { reaches, sales } = yield* host.run()
        const { slot, request } = yield* client.request()
        yield* reaches(slot(0n), "SaleProving")
        yield* passUntil(request.expiry + 3600n)
        yield* reaches(slot(0n), "SaleFinished")
        assert.deepStrictEqual(yield* sales.slots, [])
        assert.strictEqual(yield* host.tokens, 900n)
        isUndone = true
        if (told) yield* PubSub.publish(reorganised, { _tag: "ChainReorganised", blockNumber: 258n })
        else yield* pass(600n)
        yield* settle
        assert.strictEqual(yield* host.tokens, 900n + 36_000n)
        yield* reaches(slot(0n), "SaleFinished")
      }).pipe(Effect.provide(layerChain)),
    )
  }

  it.effect("that no event told of is seen before a payout is tried again", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      let isFinished = false
      let freed = 0
      const host = yield* makeHost({
        faults: (market) => ({
          requestState: (id) => (isFinished ? Effect.succeedSome("Finished" as const) : market.requestState(id)),
          slotState: (id) => (isFinished ? Effect.succeed("Finished" as const) : market.slotState(id)),
          freeSlot: () =>
            Effect.andThen(
              Effect.sync(() => {
                freed += 1
                isFinished = false
              }),
              unreachable,
            ),
        }),
      })
      const { reaches } = yield* host.run()
      const { slot, request } = yield* client.request()
      yield* reaches(slot(0n), "SaleProving")
      isFinished = true
      yield* passUntil(request.expiry + 1n)
      yield* pass(100n)
      yield* reaches(slot(0n), "SaleProving")
      assert.strictEqual(freed, 1)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that makes a lost slot ours is noticed, and the data fetched again", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      let slow = true
      host.storage.beforeStore = () => (slow ? Effect.never : Effect.void)
      const { reaches } = yield* host.run()
      const { requestId, slot } = yield* client.request()
      yield* reaches(slot(0n), "SaleDownloading")
      const rival = yield* rivalFills(requestId, 0n)
      yield* eventually(
        "cleared",
        Effect.sync(() => host.storage.calls.includes("clear 0")),
      )
      slow = false
      yield* rival.freeSlot(slot(0n).slotId)
      yield* host.market.approveFunds(100n)
      yield* host.market.deposit(100n)
      yield* pass(10n)
      yield* Effect.ignore(host.market.fillSlot(requestId, 0n, new Uint8Array([1])))
      yield* reaches(slot(0n), "SaleProving")
      assert.isTrue(host.storage.stored.has(slot(0n).slotId))
      assert.strictEqual(yield* host.freeBytes, 0n)
    }).pipe(Effect.provide(layerChain)),
  )
})

describe("an answer of the chain that is out of date", () => {
  it.effect("destroys nothing: before it clears, a host asks once more", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const events = yield* PubSub.unbounded<MarketEvent>()
      let staleLooks = 0
      const host = yield* makeHost({
        faults: (market) => ({
          events: (options) => Stream.merge(market.events(options), Stream.fromPubSub(events)),
          slotState: (id) =>
            Effect.suspend(() => (staleLooks > 0 ? Effect.succeed("Free" as const) : market.slotState(id))),
          getHost: (id) => Effect.suspend(() => (staleLooks-- > 0 ? Effect.succeedNone : market.getHost(id))),
        }),
      })
      const { reaches } = yield* host.run()
      const { slot } = yield* client.request()
      yield* reaches(slot(0n), "SaleProving")
      staleLooks = 1
      yield* PubSub.publish(events, { _tag: "ChainReorganised", blockNumber: 258n })
      yield* settle
      yield* reaches(slot(0n), "SaleProving")
      assert.isAtMost(staleLooks, 0)
      assert.notInclude(host.storage.calls, "clear 0")
    }).pipe(Effect.provide(layerChain)),
  )
})

describe("a host whose disk was lost", () => {
  it.effect("fetches the data of the slots that the chain says are its own again", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      const { requestId, slot } = yield* client.request()
      yield* host.market.approveFunds(100n)
      yield* host.market.deposit(100n)
      yield* host.market.fillSlot(requestId, 0n, new Uint8Array([1]))
      const { reaches } = yield* host.run()
      yield* reaches(slot(0n), "SaleProving")
      assert.deepStrictEqual(host.storage.calls, ["store 0"])
      assert.strictEqual(yield* host.freeBytes, 0n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("leaves a slot for which it has no space any more, before it is slashed for it", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 0n })
      const { requestId, slot } = yield* client.request()
      yield* host.market.approveFunds(100n)
      yield* host.market.deposit(100n)
      yield* host.market.fillSlot(requestId, 0n, new Uint8Array([1]))
      const { sales, reasons } = yield* host.run()
      yield* eventually(
        "it was left",
        Effect.map(host.market.mySlots, (slots) => slots.length === 0),
      )
      yield* settle
      assert.deepStrictEqual(yield* sales.slots, [])
      assert.match((yield* reasons)[0] ?? "", /^Postponed: .*nothing is on offer/)
      assert.strictEqual(yield* client.market.slotState(slot(0n).slotId), "Free")
      assert.strictEqual(yield* host.freeBytes, 0n * slotSize)
    }).pipe(Effect.provide(layerChain)),
  )
})
