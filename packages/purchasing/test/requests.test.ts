import { assert, describe, it } from "@effect/vitest"
import { RequestId, StorageRequest } from "@pecia/contracts-abi"
import type { MarketEvent } from "@pecia/market"
import { type Cause, Effect, Option, Queue, Stream } from "effect"
import { PurchaseState } from "../src/index.ts"
import { layerChain, makeClient, pass, price, reverted, settle, terms } from "./bed.ts"
import { aRecord } from "./journalSuite.ts"

/** An id that no request has. */
const unknown = RequestId.make(`0x${"f".repeat(64)}`)

describe("a request", () => {
  it.effect("whose answer was lost is on the chain nevertheless, and followed there", () =>
    Effect.gen(function* () {
      const client = yield* makeClient({
        market: ({ requestStorage }) => ({
          requestStorage: (request) => Effect.andThen(requestStorage(request), reverted),
        }),
      })
      const { purchasing, reaches } = yield* client.run()
      const { id } = yield* purchasing.purchase(terms)
      yield* reaches(id, "submitted")
      yield* pass(601n)
      yield* reaches(id, "cancelled")
      assert.strictEqual(yield* client.tokens, 10n * price)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that the contract has already, although the chain's views lag behind, counts as sent", () =>
    Effect.gen(function* () {
      const lagging = { value: true }
      const client = yield* makeClient({
        market: ({ requestState, requestStorage }) => ({
          requestState: (id) => Effect.suspend(() => (lagging.value ? Effect.succeedNone : requestState(id))),
          requestStorage: (request) => Effect.andThen(Effect.ignore(requestStorage(request)), requestStorage(request)),
        }),
      })
      const { purchasing, reaches } = yield* client.run()
      const purchase = yield* purchasing.purchase(terms)
      yield* Effect.forkChild(
        Effect.tap(Stream.runHead(Stream.filter(purchase.states, PurchaseState.$is("Submitted"))), () =>
          Effect.sync(() => {
            lagging.value = false
          }),
        ),
        { startImmediately: true },
      )
      yield* pass(1n)
      yield* reaches(purchase.id, "submitted")
      assert.strictEqual(yield* client.tokens, 9n * price)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that was refused is not sent again because the chain contradicts itself", () =>
    Effect.gen(function* () {
      const events = yield* Queue.unbounded<MarketEvent, Cause.Done>()
      const listed: Array<RequestId> = []
      const sent: Array<RequestId> = []
      const client = yield* makeClient({
        market: () => ({
          events: () => Stream.fromQueue(events),
          myRequests: Effect.sync(() => listed),
          requestStorage: (request) =>
            Effect.andThen(
              Effect.sync(() => sent.push(StorageRequest.id(request))),
              reverted,
            ),
        }),
      })
      const { purchasing, reaches } = yield* client.run()
      const { id } = yield* purchasing.purchase(terms)
      yield* reaches(id, "errored")
      listed.push(id)
      yield* Queue.offer(events, { _tag: "ChainReorganised", blockNumber: 1n })
      yield* settle
      assert.deepStrictEqual(sent, [id])
      yield* reaches(id, "errored")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that the contract refuses ends as errored, with the reason", () =>
    Effect.gen(function* () {
      const client = yield* makeClient({ market: () => ({ requestStorage: () => reverted }) })
      const { purchasing, reaches, report } = yield* client.run()
      const purchase = yield* purchasing.purchase(terms)
      yield* reaches(purchase.id, "errored")
      assert.strictEqual((yield* report(purchase.id)).error, "The contract refused a call: a reason.")
      assert.deepInclude(yield* Effect.flip(purchase.awaitStarted), { _tag: "PurchaseEnded", name: "errored" })
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("whose sending breaks in a way that nobody foresaw ends as errored, and the service goes on", () =>
    Effect.gen(function* () {
      let breaks = 1
      const client = yield* makeClient({
        market: ({ requestStorage }) => ({
          requestStorage: (request) =>
            Effect.suspend(() => (breaks-- > 0 ? Effect.die(new Error("out of order")) : requestStorage(request))),
        }),
      })
      const { purchasing, reaches, report } = yield* client.run()
      const broken = yield* purchasing.purchase(terms)
      yield* reaches(broken.id, "errored")
      assert.strictEqual((yield* report(broken.id)).error, "out of order")
      const { id } = yield* purchasing.purchase(terms)
      yield* reaches(id, "submitted")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that the chain no longer knows after a reorganisation is sent again, under the same id", () =>
    Effect.gen(function* () {
      const lost = { value: false }
      const sent: Array<RequestId> = []
      const events = yield* Queue.unbounded<MarketEvent, Cause.Done>()
      const client = yield* makeClient({
        market: ({ requestState, requestStorage }) => ({
          events: () => Stream.fromQueue(events),
          requestState: (id) => Effect.suspend(() => (lost.value ? Effect.succeedNone : requestState(id))),
          requestStorage: (request) =>
            Effect.suspend(() => {
              lost.value = false
              sent.push(StorageRequest.id(request))
              return requestStorage(request)
            }),
        }),
      })
      const { purchasing, reaches } = yield* client.run()
      const { id } = yield* purchasing.purchase(terms)
      yield* reaches(id, "submitted")
      lost.value = true
      yield* Queue.offer(events, { _tag: "ChainReorganised", blockNumber: 1n })
      yield* settle
      assert.deepStrictEqual(sent, [id, id])
      yield* pass(1n)
      yield* reaches(id, "submitted")
      assert.strictEqual(yield* client.tokens, 9n * price)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("whose refund is undone by a reorganisation is paid back again", () =>
    Effect.gen(function* () {
      const pretend = { value: true }
      const events = yield* Queue.unbounded<MarketEvent, Cause.Done>()
      const client = yield* makeClient({
        market: ({ withdrawFunds }) => ({
          events: () => Stream.fromQueue(events),
          withdrawFunds: (id) => Effect.suspend(() => (pretend.value ? Effect.void : withdrawFunds(id))),
        }),
      })
      const { purchasing, reaches } = yield* client.run()
      const { id } = yield* purchasing.purchase(terms)
      yield* pass(601n)
      yield* reaches(id, "cancelled")
      yield* settle
      assert.strictEqual(yield* client.tokens, 9n * price)
      pretend.value = false
      yield* Queue.offer(events, { _tag: "ChainReorganised", blockNumber: 1n })
      yield* settle
      assert.strictEqual(yield* client.tokens, 10n * price)
      yield* reaches(id, "cancelled")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that arrives after it was given up is taken up, and paid back", () =>
    Effect.gen(function* () {
      const client = yield* makeClient({ market: () => ({ requestStorage: () => reverted }) })
      const { purchasing, reaches } = yield* client.run()
      const { id, request } = yield* purchasing.purchase(terms)
      yield* reaches(id, "errored")
      // Approved it was; a transaction thought lost is mined now.
      yield* client.market.requestStorage(request)
      yield* settle
      yield* reaches(id, "submitted")
      yield* pass(601n)
      yield* reaches(id, "cancelled")
      assert.strictEqual(yield* client.tokens, 10n * price)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that nobody knows is no purchase (seed defect 21)", () =>
    Effect.gen(function* () {
      const client = yield* makeClient({
        market: ({ myRequests }) => ({
          myRequests: Effect.map(myRequests, (ids) => [...ids, unknown]),
        }),
      })
      const { purchasing, name } = yield* client.run()
      yield* pass(60n)
      assert.deepStrictEqual(yield* purchasing.find(unknown), Option.none())
      assert.isUndefined(yield* name(unknown))
      const { id } = yield* purchasing.purchase(terms)
      yield* settle
      assert.strictEqual(yield* name(id), "submitted")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that the chain has forgotten for good completes all the same, as errored (seed defect 21)", () =>
    Effect.gen(function* () {
      const client = yield* makeClient({ market: () => ({ requestState: () => Effect.succeedNone }) })
      yield* client.journal.save(aRecord(1, PurchaseState.Submitted()))
      yield* pass(601n)
      const { purchasing, reaches } = yield* client.run()
      const { id } = aRecord(1)
      yield* reaches(id, "errored")
      const found = Option.getOrThrow(yield* purchasing.find(id))
      assert.deepInclude(yield* found.awaitEnd, { _tag: "Errored" })
    }).pipe(Effect.provide(layerChain)),
  )
})
