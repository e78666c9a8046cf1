import { assert, describe, it } from "@effect/vitest"
import type { RequestId, SlotId } from "@pecia/contracts-abi"
import type { Life } from "@pecia/machine/testing"
import { InvalidState, type MarketEvent, MemoryChain } from "@pecia/market"
import { type Cause, Effect, Option, Queue, Stream } from "effect"
import { PurchaseOutcome, PurchaseState } from "../src/index.ts"
import {
  anAsk,
  type ClientOptions,
  layerChain,
  makeClient,
  makeHost,
  pass,
  passUntil,
  price,
  settle,
  start,
  terms,
} from "./bed.ts"

/** A client whose requests for refunds are counted, and its host. */
const makeParties = Effect.fnUntraced(function* (options: ClientOptions = {}) {
  const asked: Array<RequestId> = []
  const client = yield* makeClient({
    ...options,
    market: (market) => {
      const changed = { ...market, ...options.market?.(market) }
      return {
        ...changed,
        withdrawFunds: (id) =>
          Effect.andThen(
            Effect.sync(() => asked.push(id)),
            changed.withdrawFunds(id),
          ),
      }
    },
  })
  const host = yield* makeHost
  const chain = yield* MemoryChain
  const slotsOf = host.market.mySlots
  const lose = Effect.flatMap(slotsOf, ([slot]) =>
    slot === undefined ? Effect.die("the host has no slot") : Effect.as(chain.forciblyFreeSlot(slot), slot),
  )
  /** All slots are paid; what remains in the contract is the host's collateral. */
  const settled = Effect.gen(function* () {
    yield* Effect.forEach(yield* slotsOf, (slot: SlotId) => host.market.freeSlot(slot))
    const collateral = yield* host.market.collateral(host.market.account)
    assert.strictEqual(yield* client.market.tokens(chain.contract), collateral)
  })
  return { client, host, chain, asked, lose, settled }
})

const ended = (outcome: PurchaseOutcome) => PurchaseState.Ended({ outcome })

describe("a request that expires part-filled", () => {
  for (const first of ["client", "host"] as const) {
    it.effect(`gives its client back what its hosts have not earned, also when the ${first} comes first`, () =>
      Effect.gen(function* () {
        const { client, host, settled } = yield* makeParties()
        let run = yield* client.run()
        const { id, request } = yield* run.purchasing.purchase({ ...terms, ask: anAsk({ slots: 3n }) })
        yield* run.reaches(id, "submitted")
        yield* pass(100n)
        yield* host.fill(id, request, 2n)
        if (first === "host") {
          yield* run.stop
          yield* pass(501n)
          yield* Effect.forEach(yield* host.market.mySlots, host.market.freeSlot)
          run = yield* client.run()
        } else yield* pass(501n)
        yield* run.reaches(id, "cancelled")
        yield* settle
        assert.strictEqual(yield* client.tokens, 10n * price - 2n * 500n)
        assert.deepStrictEqual(yield* run.report(id), {
          name: "cancelled",
          error: "The request was not filled before its expiry; its price was paid back, less what its hosts earned.",
        })
        yield* settled
      }).pipe(Effect.provide(layerChain)),
    )
  }
})

describe("a request that fails", () => {
  it.effect("after its expiry gives its client the rest back at once", () =>
    Effect.gen(function* () {
      const { client, host, lose, settled, asked } = yield* makeParties()
      const { purchasing, reaches, report } = yield* client.run()
      const purchase = yield* purchasing.purchase(terms)
      const { id, request } = purchase
      yield* reaches(id, "submitted")
      yield* host.fill(id, request)
      yield* passUntil(start + 1000n)
      yield* lose
      yield* reaches(id, "failed")
      yield* settle
      // The slot that was kept until then has earned 1000.
      assert.strictEqual(yield* client.tokens, 10n * price - 1000n)
      assert.deepStrictEqual(yield* purchase.awaitEnd, { _tag: "Failed", rest: "PaidBack" })
      const sentence =
        "The request failed, because too many of its slots were lost; its price was paid back, less what its hosts earned."
      assert.strictEqual((yield* report(id)).error, sentence)
      assert.deepStrictEqual(asked, [id])
      yield* settled
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("before its expiry gives it back strictly after the expiry, and says until then that it will", () =>
    Effect.gen(function* () {
      const { client, host, lose, settled, asked } = yield* makeParties()
      const { purchasing, reaches, report } = yield* client.run()
      const { id, request } = yield* purchasing.purchase(terms)
      yield* reaches(id, "submitted")
      yield* host.fill(id, request)
      yield* pass(10n)
      yield* lose
      yield* reaches(id, "failed")
      assert.include((yield* report(id)).error, "is taken back as soon as it has expired")
      yield* passUntil(request.expiry)
      assert.deepStrictEqual(asked, [])
      assert.strictEqual((yield* client.records)[0]?.state._tag, "Refunding")
      yield* pass(1n)
      assert.deepStrictEqual(asked, [id])
      assert.strictEqual(yield* client.tokens, 10n * price - 10n)
      assert.deepStrictEqual((yield* client.records)[0]?.state, ended(PurchaseOutcome.Failed({ rest: "PaidBack" })))
      yield* settled
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("while the client is down, or down again before the expiry, is refunded when it is up", () =>
    Effect.gen(function* () {
      const { client, host, lose, settled } = yield* makeParties()
      const first = yield* client.run()
      const { id, request } = yield* first.purchasing.purchase(terms)
      yield* first.reaches(id, "submitted")
      yield* host.fill(id, request)
      yield* first.stop
      yield* lose
      const second = yield* client.run()
      yield* second.reaches(id, "failed")
      yield* second.stop
      yield* passUntil(request.expiry + 100n)
      const third = yield* client.run()
      yield* settle
      assert.strictEqual(yield* third.name(id), "failed")
      assert.strictEqual(yield* client.tokens, 10n * price)
      yield* settled
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("while the client is down ends the wait for its start, also before its expiry", () =>
    Effect.gen(function* () {
      const { client, host, lose } = yield* makeParties()
      const first = yield* client.run()
      const { id, request } = yield* first.purchasing.purchase(terms)
      yield* first.reaches(id, "submitted")
      yield* first.stop
      yield* host.fill(id, request)
      yield* lose
      const second = yield* client.run()
      yield* second.reaches(id, "failed")
      const purchase = Option.getOrThrow(yield* second.purchasing.find(id))
      assert.strictEqual((yield* purchase.state)._tag, "Refunding")
      assert.deepInclude(yield* Effect.flip(purchase.awaitStarted), {
        _tag: "PurchaseEnded",
        name: "failed",
        detail:
          "The request failed, because too many of its slots were lost; what its hosts did not earn is taken back as soon as it has expired.",
      })
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("and that an older journal has as over is refunded all the same", () =>
    Effect.gen(function* () {
      const { client, host, lose } = yield* makeParties()
      const first = yield* client.run()
      const { id, request } = yield* first.purchasing.purchase(terms)
      yield* first.reaches(id, "submitted")
      yield* host.fill(id, request)
      yield* first.stop
      yield* lose
      yield* client.journal.save({ id, request, state: ended(PurchaseOutcome.Failed({ rest: "Unknown" })) })
      yield* passUntil(request.expiry + 1n)
      yield* client.run()
      yield* settle
      assert.strictEqual(yield* client.tokens, 10n * price)
      assert.deepStrictEqual((yield* client.records)[0]?.state, ended(PurchaseOutcome.Failed({ rest: "PaidBack" })))
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("and whose refund the contract refuses, although it still lists it, is asked for again", () =>
    Effect.gen(function* () {
      let refusals = 2
      const { client, host, lose } = yield* makeParties({
        market: ({ withdrawFunds }) => ({
          withdrawFunds: (requestId) =>
            Effect.suspend(() =>
              refusals-- > 0 ? Effect.fail(new InvalidState({ requestId })) : withdrawFunds(requestId),
            ),
        }),
      })
      const { purchasing, reaches } = yield* client.run()
      const { id, request } = yield* purchasing.purchase(terms)
      yield* reaches(id, "submitted")
      yield* host.fill(id, request)
      yield* lose
      yield* passUntil(request.expiry + 1n)
      yield* pass(10n)
      assert.strictEqual(yield* client.tokens, 10n * price)
    }).pipe(Effect.provide(layerChain)),
  )
})

/** A request of two slots, of which one is empty from the thousandth second on. */
const withEmptySlot = Effect.fnUntraced(function* (options: ClientOptions = {}, life: Life = { dead: false }) {
  const parties = yield* makeParties(options)
  const { client, host, lose } = parties
  const run = yield* client.run(life)
  const { id, request } = yield* run.purchasing.purchase({ ...terms, ask: anAsk({ maxSlotLoss: 1n }) })
  yield* run.reaches(id, "submitted")
  yield* host.fill(id, request)
  yield* passUntil(start + 1000n)
  yield* lose
  return { ...parties, run, id }
})

describe("a finished request", () => {
  it.effect("with a slot that was empty at its end gives the price of that slot back", () =>
    Effect.gen(function* () {
      const { client, run, id, settled, asked } = yield* withEmptySlot()
      yield* passUntil(start + 3601n)
      yield* run.reaches(id, "finished")
      yield* settle
      assert.strictEqual(yield* client.tokens, 10n * price - 3600n)
      const purchase = Option.getOrThrow(yield* run.purchasing.find(id))
      assert.deepStrictEqual(yield* purchase.awaitEnd, { _tag: "Finished", rest: "PaidBack" })
      assert.deepStrictEqual(yield* purchase.error, Option.none())
      assert.deepStrictEqual(asked, [id])
      yield* settled
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("with a slot that was empty for a while gives back the price of that while", () =>
    Effect.gen(function* () {
      const { client, host, run, id, settled } = yield* withEmptySlot()
      yield* pass(500n)
      for (const index of [0n, 1n]) yield* Effect.ignore(host.market.fillSlot(id, index, new Uint8Array([1])))
      yield* passUntil(start + 3601n)
      yield* run.reaches(id, "finished")
      yield* settle
      // One slot was there all the time, the other from second 1500 on.
      assert.strictEqual(yield* client.tokens, 10n * price - 3600n - 2100n)
      yield* settled
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("of which nothing is left is asked once; that is no error, and not asked again at any start", () =>
    Effect.gen(function* () {
      const { client, host, settled, asked } = yield* makeParties()
      const first = yield* client.run()
      const purchase = yield* first.purchasing.purchase(terms)
      yield* first.reaches(purchase.id, "submitted")
      yield* host.fill(purchase.id, purchase.request)
      yield* passUntil(start + 3601n)
      assert.deepStrictEqual(yield* purchase.awaitEnd, { _tag: "Finished", rest: "None" })
      assert.deepStrictEqual(yield* first.report(purchase.id), { name: "finished", error: undefined })
      yield* pass(3600n)
      yield* first.stop
      assert.deepStrictEqual(yield* client.market.myRequests, [purchase.id])
      yield* client.run()
      yield* pass(3600n)
      assert.deepStrictEqual(asked, [purchase.id])
      yield* settled
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("started, also for who waits only now, while it is not known yet what is left of it", () =>
    Effect.gen(function* () {
      const { client, host } = yield* makeParties({ market: () => ({ withdrawFunds: () => Effect.never }) })
      const run = yield* client.run()
      const purchase = yield* run.purchasing.purchase(terms)
      yield* run.reaches(purchase.id, "submitted")
      yield* host.fill(purchase.id, purchase.request)
      yield* passUntil(start + 3601n)
      assert.strictEqual((yield* purchase.state)._tag, "Refunding")
      yield* purchase.awaitStarted
      assert.strictEqual(yield* run.name(purchase.id), "finished")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("whose refund is undone by a reorganisation is paid back again", () =>
    Effect.gen(function* () {
      const pretend = { value: true }
      const events = yield* Queue.unbounded<MarketEvent, Cause.Done>()
      const { client, run, id } = yield* withEmptySlot({
        market: ({ withdrawFunds }) => ({
          events: () => Stream.fromQueue(events),
          withdrawFunds: (id) => Effect.suspend(() => (pretend.value ? Effect.void : withdrawFunds(id))),
        }),
      })
      yield* passUntil(start + 3700n)
      yield* run.reaches(id, "finished")
      yield* settle
      assert.strictEqual(yield* client.tokens, 9n * price)
      pretend.value = false
      yield* Queue.offer(events, { _tag: "ChainReorganised", blockNumber: 1n })
      yield* settle
      assert.strictEqual(yield* client.tokens, 10n * price - 3600n)
    }).pipe(Effect.provide(layerChain)),
  )
})

describe("a client that is killed", () => {
  for (const when of ["before", "after"] as const) {
    for (const end of ["failed", "finished"] as const) {
      it.effect(`${when} it takes back the rest of a request that has ${end} has it, once`, () =>
        Effect.gen(function* () {
          const life: Life = { dead: false }
          const { client, id, lose, settled, asked } = yield* withEmptySlot({}, life)
          life.crash = { member: "withdrawFunds", when }
          if (end === "failed") yield* lose
          yield* passUntil(start + (end === "failed" ? 1001n : 3601n))
          assert.isTrue(life.dead, "the crash has happened")
          const second = yield* client.run()
          yield* second.reaches(id, end)
          yield* settle
          assert.strictEqual(yield* client.tokens, 10n * price - (end === "failed" ? 0n : 3600n))
          const told = { before: "PaidBack", after: "Unknown" } as const
          const outcome =
            end === "failed"
              ? PurchaseOutcome.Failed({ rest: "PaidBack" })
              : PurchaseOutcome.Finished({ rest: told[when] })
          assert.deepStrictEqual((yield* client.records)[0]?.state, ended(outcome))
          const times = asked.length
          yield* second.stop
          yield* client.run()
          yield* pass(3600n)
          assert.strictEqual(asked.length, times)
          yield* settled
        }).pipe(Effect.provide(layerChain)),
      )
    }
  }
})
