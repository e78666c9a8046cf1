import { assert, describe, it } from "@effect/vitest"
import { type RequestId, StorageRequest } from "@pecia/contracts-abi"
import type { Life } from "@pecia/machine/testing"
import { Deferred, Effect, Fiber, Option } from "effect"
import {
  type ClientOptions,
  layerChain,
  lingering,
  makeClient,
  makeHost,
  pass,
  passUntil,
  price,
  settle,
  start,
  terms,
  unreachable,
} from "./bed.ts"

/** A client that dies where `life` says and is started again whenever it is dead. */
const reviving = Effect.fnUntraced(function* (life: Life, options: ClientOptions = {}) {
  const client = yield* makeClient(options)
  const first = yield* client.run(life)
  let current = first
  const again = Effect.gen(function* () {
    yield* settle
    if (current === first && life.dead) current = yield* client.run()
    yield* settle
  })
  return { client, first, again, current: () => current }
})

const idOf = (client: { readonly records: Effect.Effect<ReadonlyArray<{ readonly id: RequestId }>> }) =>
  Effect.map(client.records, ([record]) => {
    if (record === undefined) return assert.fail("no purchase was written down")
    return record.id
  })

describe("a client that is killed and started again", () => {
  for (const when of ["before", "after"] as const) {
    for (const member of ["approveFunds", "requestStorage", "requestEnd", "requestState"]) {
      it.effect(`${when} ${member} goes on with its purchase, which is paid once`, () =>
        Effect.gen(function* () {
          const life: Life = { dead: false }
          const { client, first, again, current } = yield* reviving(life)
          const host = yield* makeHost
          life.crash = { member, when }
          const purchase = yield* first.purchasing.purchase(terms)
          yield* again
          yield* current().reaches(purchase.id, "submitted")
          assert.strictEqual(yield* client.tokens, 9n * price)
          yield* host.fill(purchase.id, purchase.request)
          yield* again
          yield* current().reaches(purchase.id, "started")
          yield* passUntil(start + 3601n)
          yield* again
          yield* current().reaches(purchase.id, "finished")
          assert.isTrue(life.dead, "the crash has happened")
          assert.strictEqual((yield* client.records).length, 1)
        }).pipe(Effect.provide(layerChain)),
      )
    }

    it.effect(`${when} withdrawFunds has its price back, once`, () =>
      Effect.gen(function* () {
        const life: Life = { dead: false, crash: { member: "withdrawFunds", when } }
        const { client, first, again, current } = yield* reviving(life)
        const { id } = yield* first.purchasing.purchase(terms)
        yield* pass(601n)
        yield* again
        yield* current().reaches(id, "cancelled")
        assert.isTrue(life.dead, "the crash has happened")
        assert.strictEqual(yield* client.tokens, 10n * price)
        const found = Option.getOrThrow(yield* current().purchasing.find(id))
        assert.deepStrictEqual(yield* found.awaitEnd, { _tag: "Cancelled" })
      }).pipe(Effect.provide(layerChain)),
    )

    it.effect(`${when} the journal is written to goes on where the chain is`, () =>
      Effect.gen(function* () {
        const life: Life = { dead: false }
        const { client, first, again, current } = yield* reviving(life)
        const host = yield* makeHost
        const { id, request } = yield* first.purchasing.purchase(terms)
        yield* first.reaches(id, "submitted")
        life.crash = { member: "save", when }
        yield* host.fill(id, request)
        yield* again
        assert.isTrue(life.dead, "the crash has happened")
        yield* current().reaches(id, "started")
        assert.strictEqual(yield* client.tokens, 9n * price)
      }).pipe(Effect.provide(layerChain)),
    )
  }

  it.effect("is not asked to pay for a purchase that was not written down", () =>
    Effect.gen(function* () {
      const life: Life = { dead: false, crash: { member: "save", when: "before" } }
      const { client, first, again, current } = yield* reviving(life)
      yield* Effect.forkChild(first.purchasing.purchase(terms), { startImmediately: true })
      yield* again
      assert.isTrue(life.dead)
      assert.deepStrictEqual(yield* current().purchasing.purchases, [])
      assert.strictEqual(yield* client.tokens, 10n * price)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("sees what happened while it was down: its request was filled, started and finished", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const host = yield* makeHost
      const first = yield* client.run()
      const { id, request } = yield* first.purchasing.purchase(terms)
      yield* first.reaches(id, "submitted")
      yield* first.stop
      yield* host.fill(id, request)
      yield* passUntil(start + 1200n)
      const second = yield* client.run()
      yield* second.reaches(id, "started")
      yield* second.stop
      yield* passUntil(start + 3601n)
      const third = yield* client.run()
      yield* third.reaches(id, "finished")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("sees that its request finished, although its hosts were paid and the chain lists it no more", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const host = yield* makeHost
      const first = yield* client.run()
      const { id, request } = yield* first.purchasing.purchase(terms)
      yield* first.reaches(id, "submitted")
      yield* first.stop
      yield* host.fill(id, request)
      yield* passUntil(start + 3601n)
      for (const slotId of yield* host.market.mySlots) yield* host.market.freeSlot(slotId)
      assert.deepStrictEqual(yield* client.market.myRequests, [])
      const second = yield* client.run()
      yield* second.reaches(id, "finished")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("sends a pending purchase again only as long as it can still start", () =>
    Effect.gen(function* () {
      const offline = { value: true }
      const client = yield* makeClient({
        market: ({ approveFunds }) => ({
          approveFunds: (amount) => Effect.suspend(() => (offline.value ? unreachable : approveFunds(amount))),
        }),
      })
      const first = yield* client.run()
      const early = yield* first.purchasing.purchase({ ...terms, expirySeconds: 100n })
      const late = yield* first.purchasing.purchase(terms)
      yield* first.stop
      offline.value = false
      yield* pass(100n)
      const second = yield* client.run()
      yield* second.reaches(late.id, "submitted")
      yield* second.reaches(early.id, "errored")
      assert.deepStrictEqual(yield* second.report(early.id), {
        name: "errored",
        error: "The request was never accepted by the chain before it would have expired; nothing was paid.",
      })
      assert.strictEqual(yield* client.tokens, 9n * price)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("still shows the purchases that have ended, and runs nothing for them", () =>
    Effect.gen(function* () {
      const asked: Array<RequestId> = []
      const client = yield* makeClient({
        market: ({ requestState }) => ({
          requestState: (id) =>
            Effect.andThen(
              Effect.sync(() => asked.push(id)),
              requestState(id),
            ),
        }),
      })
      const first = yield* client.run()
      const { id, request } = yield* first.purchasing.purchase(terms)
      yield* pass(601n)
      yield* first.reaches(id, "cancelled")
      yield* first.stop
      asked.length = 0
      const second = yield* client.run()
      yield* pass(600n)
      assert.deepStrictEqual(asked, [])
      assert.strictEqual(yield* second.name(id), "cancelled")
      const found = Option.getOrThrow(yield* second.purchasing.find(id))
      assert.deepStrictEqual(found.request, request)
      assert.deepStrictEqual(yield* found.awaitEnd, { _tag: "Cancelled" })
      assert.deepInclude(yield* Effect.flip(found.awaitStarted), { _tag: "PurchaseEnded", name: "cancelled" })
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("leaves a finished purchase finished, while its hosts have yet to collect", () =>
    Effect.gen(function* () {
      const saved: Array<string> = []
      const client = yield* makeClient({
        journal: ({ save }) => ({
          save: (record) =>
            Effect.andThen(
              Effect.sync(() => saved.push(record.state._tag)),
              save(record),
            ),
        }),
      })
      const host = yield* makeHost
      const first = yield* client.run()
      const { id, request } = yield* first.purchasing.purchase(terms)
      yield* first.reaches(id, "submitted")
      yield* host.fill(id, request)
      yield* passUntil(start + 3601n)
      yield* first.reaches(id, "finished")
      assert.deepStrictEqual(saved, ["Pending", "Pending", "Submitted", "Started", "Refunding", "Ended"])
      yield* first.stop
      assert.deepStrictEqual(yield* client.market.myRequests, [id])
      const second = yield* client.run()
      yield* pass(1200n)
      assert.strictEqual(yield* second.name(id), "finished")
      assert.strictEqual(saved.length, 6)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("with its journal lost, takes its requests up from the chain", () =>
    Effect.gen(function* () {
      const host = yield* makeHost
      const client = yield* makeClient({ journal: () => ({ open: Effect.succeed([]), get: () => Effect.succeedNone }) })
      const requested = yield* Effect.forEach([600n, 601n], (expirySeconds) =>
        Effect.gen(function* () {
          const other = yield* client.run()
          const { id, request } = yield* other.purchasing.purchase({ ...terms, expirySeconds })
          yield* other.reaches(id, "submitted")
          yield* other.stop
          return { id, request }
        }),
      )
      const [filled, expiring] = requested
      if (filled === undefined || expiring === undefined) return assert.fail("two requests")
      yield* host.fill(filled.id, filled.request)
      const { reaches } = yield* client.run()
      yield* reaches(filled.id, "started")
      yield* reaches(expiring.id, "submitted")
      yield* pass(602n)
      yield* reaches(expiring.id, "cancelled")
      assert.strictEqual(yield* client.tokens, 9n * price)
      yield* passUntil(start + 3601n)
      yield* reaches(filled.id, "finished")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("asks for the refund of a request again whose refund the chain has lost", () =>
    Effect.gen(function* () {
      const pretend = { value: true }
      const client = yield* makeClient({
        market: ({ withdrawFunds }) => ({
          withdrawFunds: (id) => Effect.suspend(() => (pretend.value ? Effect.void : withdrawFunds(id))),
        }),
      })
      const first = yield* client.run()
      const { id } = yield* first.purchasing.purchase(terms)
      yield* pass(601n)
      yield* first.reaches(id, "cancelled")
      yield* settle
      assert.strictEqual((yield* client.records)[0]?.state._tag, "Ended")
      assert.strictEqual(yield* client.tokens, 9n * price)
      yield* first.stop
      pretend.value = false
      const second = yield* client.run()
      yield* second.reaches(id, "cancelled")
      yield* settle
      assert.strictEqual(yield* client.tokens, 10n * price)
    }).pipe(Effect.provide(layerChain)),
  )
})

describe("a client that stops", () => {
  it.effect("lets a request that is on its way arrive, and knows of it when it is started again", () =>
    Effect.gen(function* () {
      const sent = yield* Deferred.make<void>()
      const mined = yield* Deferred.make<void>()
      const mining = yield* lingering(Deferred.await(mined))
      const client = yield* makeClient({
        market: ({ requestStorage }) => ({
          requestStorage: (request) =>
            Deferred.succeed(sent, undefined).pipe(
              Effect.andThen(mining),
              Effect.ensuring(Effect.ignore(requestStorage(request))),
              Effect.as(StorageRequest.id(request)),
            ),
        }),
      })
      const first = yield* client.run()
      const { id } = yield* first.purchasing.purchase(terms)
      yield* Deferred.await(sent)
      yield* settle
      const stopping = yield* Effect.forkChild(first.stop, { startImmediately: true })
      yield* settle
      assert.isUndefined(stopping.pollUnsafe())
      yield* Deferred.succeed(mined, undefined)
      yield* Fiber.join(stopping)
      assert.deepStrictEqual(yield* client.market.myRequests, [id])
      assert.strictEqual(yield* idOf(client), id)
      const second = yield* client.run()
      yield* second.reaches(id, "submitted")
      assert.strictEqual(yield* client.tokens, 9n * price)
    }).pipe(Effect.provide(layerChain)),
  )

  for (const member of ["approveFunds", "requestStorage", "withdrawFunds"] as const) {
    it.effect(`does so within ten seconds, although the outcome of ${member} is never known`, () =>
      Effect.gen(function* () {
        const sent = yield* Deferred.make<void>()
        const lost = yield* lingering(Effect.never)
        const sending = Effect.andThen(Deferred.succeed(sent, undefined), lost)
        const client = yield* makeClient({ market: () => ({ [member]: () => sending }) })
        const { purchasing, stop } = yield* client.run()
        yield* purchasing.purchase(terms)
        yield* settle
        if (member === "withdrawFunds") yield* pass(601n)
        yield* Deferred.await(sent)
        const stopping = yield* Effect.forkChild(stop, { startImmediately: true })
        yield* pass(9n)
        assert.isUndefined(stopping.pollUnsafe())
        yield* pass(1n)
        assert.isDefined(stopping.pollUnsafe())
      }).pipe(Effect.provide(layerChain)),
    )
  }
})
