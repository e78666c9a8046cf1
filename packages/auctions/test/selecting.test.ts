import { assert, describe, it } from "@effect/vitest"
import { MarketplaceOptions, Offer, type OfferId } from "@pecia/contracts-abi"
import { Effect, Layer, Option } from "effect"
import { SelectingStrategy } from "../src/index.ts"
import {
  hostOf,
  layerChain,
  layerChainWith,
  makeClient,
  makeHost,
  makeHosts,
  maxPrice,
  pass,
  passUntil,
  settle,
  slots,
  start,
  terms,
  wallet,
} from "./bed.ts"

describe("an auction selects", () => {
  it.effect("the lowest price, of equal ones the earliest, and pays no more than that", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const hosts = yield* makeHosts(4)
      const run = yield* client.run()
      const [{ id }] = yield* run.auctions.open([terms()])
      yield* run.reaches(id, "open")
      for (const [index, price] of [900n, 500n, 700n, 500n].entries())
        yield* hosts[index]?.offer(id, price) ?? Effect.void
      yield* pass(150n)
      yield* run.reaches(id, "selected")
      assert.strictEqual(yield* hostOf(run, id), hosts[1]?.account)
      assert.strictEqual(yield* client.tokens, wallet - 500n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("a late offer at once, and the first of them", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const [late, later] = yield* Effect.all([makeHost, makeHost])
      const run = yield* client.run()
      const [{ id }] = yield* run.auctions.open([terms()])
      yield* passUntil(start + 540n)
      yield* late.offer(id, maxPrice)
      yield* run.reaches(id, "selected")
      yield* later.offer(id, 1n)
      assert.strictEqual(yield* hostOf(run, id), late.account)
      yield* late.market.startContract(Option.getOrThrow(yield* client.market.selectedOffer(id)))
      yield* run.reaches(id, "started")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("for each slot of a dataset another host, though one is the cheapest for all of them", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const [cheap, dear] = yield* Effect.all([makeHost, makeHost])
      const run = yield* client.run()
      const auctions = yield* run.auctions.open(slots)
      yield* settle
      for (const { id } of auctions) {
        yield* cheap.offer(id, 10n)
        yield* dear.offer(id, 20n)
      }
      yield* pass(150n)
      const hosts = yield* Effect.forEach(auctions, ({ id }) => hostOf(run, id))
      assert.deepStrictEqual(hosts.toSorted(), [cheap.account, dear.account].toSorted())
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("so also while the strategy takes its time and other selections are on their way", () =>
    Effect.gen(function* () {
      const lowest = yield* SelectingStrategy.pipe(Effect.provide(SelectingStrategy.layerLowestPrice()))
      const strategy = Layer.succeed(SelectingStrategy, {
        select: (auction) => Effect.delay(lowest.select(auction), "1 second"),
      })
      const client = yield* makeClient({
        strategy,
        market: ({ selectOffer }) => ({ selectOffer: (offerId) => Effect.delay(selectOffer(offerId), "4 seconds") }),
      })
      const hosts = yield* makeHosts(3)
      const run = yield* client.run()
      const auctions = yield* run.auctions.open([...slots, terms({ slotIndex: 2 })])
      yield* settle
      for (const { id } of auctions) {
        for (const [index, host] of hosts.entries()) yield* host.offer(id, BigInt(index))
      }
      for (let second = 0; second < 165; second++) yield* pass(1n)
      const selected = yield* Effect.forEach(auctions, ({ id }) => hostOf(run, id))
      assert.deepStrictEqual(selected.toSorted(), hosts.map(({ account }) => account).toSorted())
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("the host of another slot once half of the time has passed, when nobody else has offered", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const host = yield* makeHost
      const run = yield* client.run()
      const auctions = yield* run.auctions.open(slots)
      yield* settle
      for (const { id } of auctions) yield* host.offer(id, 10n)
      yield* passUntil(start + 299n)
      const names = Effect.forEach(auctions, ({ id }) => run.name(id))
      assert.deepStrictEqual((yield* names).toSorted(), ["open", "selected"])
      yield* pass(1n)
      assert.deepStrictEqual(yield* names, ["selected", "selected"])
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("a host that keeps slots of another dataset, and one that did not start only when there is no other", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const host = yield* makeHost
      const run = yield* client.run()
      const [first] = yield* run.auctions.open([terms()])
      const [other] = yield* run.auctions.open([terms({ dataset: "another dataset" })])
      yield* settle
      for (const { id } of [first, other]) yield* host.offer(id, 10n)
      yield* pass(150n)
      yield* run.reaches(first.id, "selected")
      yield* run.reaches(other.id, "selected")
      yield* pass(450n)
      yield* run.reaches(first.id, "notStarted")
      const [again, alone] = yield* run.auctions.open([terms(), terms({ dataset: "a third" })])
      if (alone === undefined) return assert.fail("two auctions")
      yield* settle
      const dear = yield* makeHost
      yield* Effect.forEach([again, alone], ({ id }) => host.offer(id, 10n, start + 1200n))
      yield* dear.offer(again.id, 900n, start + 1200n)
      // The journal knows of it after a restart, too.
      yield* run.stop
      const later = yield* client.run()
      yield* pass(299n)
      assert.strictEqual(yield* hostOf(later, again.id), dear.account)
      assert.strictEqual(yield* later.name(alone.id), "open")
      yield* pass(1n)
      assert.strictEqual(yield* hostOf(later, alone.id), host.account)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("no offer of its own, nor any in the last tenth of the time, when no host could start any more", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const late = yield* makeHost
      const run = yield* client.run()
      const [{ id: requestId }] = yield* run.auctions.open([terms()])
      yield* settle
      const { account: host, market } = client
      yield* market.approveFunds(100n)
      yield* market.deposit(100n)
      yield* market.offerStorage(new Offer({ host, requestId, price: 1n, expiry: start + 600n }))
      yield* passUntil(start + 541n)
      yield* late.offer(requestId, 1n)
      yield* passUntil(start + 599n)
      assert.strictEqual(yield* run.name(requestId), "open")
      yield* pass(1n)
      yield* run.reaches(requestId, "unsold")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("the next host where one lacks collateral by then, and that one again once it has more", () =>
    Effect.gen(function* () {
      const tried: Array<OfferId> = []
      const client = yield* makeClient({
        market: ({ selectOffer }) => ({
          selectOffer: (offerId) =>
            Effect.andThen(
              Effect.sync(() => tried.push(offerId)),
              selectOffer(offerId),
            ),
        }),
      })
      const [poor, dear] = yield* Effect.all([makeHost, makeHost])
      const run = yield* client.run()
      const [first, second, third] = yield* run.auctions.open([
        terms({ dataset: "one" }),
        terms({ dataset: "two" }),
        terms({ dataset: "three" }),
      ])
      if (second === undefined || third === undefined) return assert.fail("three auctions")
      yield* settle
      yield* Effect.forEach([first, second, third], ({ id }) => poor.offer(id, 10n))
      yield* poor.offer(second.id, 11n)
      yield* dear.offer(second.id, 900n)
      // The collateral of each suffices for one slot.
      yield* pass(150n)
      assert.strictEqual(yield* hostOf(run, first.id), poor.account)
      assert.strictEqual(yield* hostOf(run, second.id), dear.account)
      assert.strictEqual(yield* run.name(third.id), "open")
      // All offers of a host that lacks collateral are left out at once: one try for each auction, and one more for the second.
      assert.strictEqual(tried.length, 4)
      yield* poor.deposit
      yield* pass(61n)
      assert.strictEqual(yield* hostOf(run, third.id), poor.account)
    }).pipe(Effect.provide(layerChainWith({ options: { ...MarketplaceOptions.standard, collateralPerSlot: true } }))),
  )

  it.effect("no offer that has expired, nor one that expires on the way", () =>
    Effect.gen(function* () {
      const client = yield* makeClient({
        market: ({ selectOffer }) => ({
          // Four seconds until a block is mined.
          selectOffer: (offerId) => Effect.delay(selectOffer(offerId), "4 seconds"),
        }),
      })
      const [expired, expiring, lasting] = yield* Effect.all([makeHost, makeHost, makeHost])
      const run = yield* client.run()
      const [{ id }] = yield* run.auctions.open([terms()])
      yield* settle
      yield* expired.offer(id, 1n, start + 150n)
      yield* expiring.offer(id, 2n, start + 152n)
      yield* lasting.offer(id, 3n)
      for (let second = 0; second < 160; second++) yield* pass(1n)
      assert.strictEqual(yield* hostOf(run, id), lasting.account)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that of an honest host, however many offers that cannot be selected another one makes", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const [honest, rival] = yield* Effect.all([makeHost, makeHost])
      const run = yield* client.run()
      const [{ id }] = yield* run.auctions.open([terms()])
      yield* settle
      yield* honest.offer(id, 500n)
      for (let i = 0n; i < 1000n; i++) yield* rival.market.offerStorage(rival.toOffer(id, 0n, start - i))
      for (let i = 1n; i < 100n; i++) yield* rival.market.offerStorage(rival.toOffer(id, 0n, start + i))
      yield* settle
      yield* pass(150n)
      assert.strictEqual(yield* hostOf(run, id), honest.account)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("nothing of what is offered to requests of others", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const other = yield* makeClient()
      const host = yield* makeHost
      const run = yield* client.run()
      const [{ id }] = yield* run.auctions.open([terms()])
      const [others] = yield* (yield* other.run()).auctions.open([terms()])
      yield* settle
      yield* host.offer(others.id, 1n)
      yield* pass(151n)
      assert.deepInclude(yield* run.report(id), { name: "open", offers: Option.some(0) })
      assert.deepStrictEqual(yield* run.auctions.report(others.id), Option.none())
    }).pipe(Effect.provide(layerChain)),
  )
})
