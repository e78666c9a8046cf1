import { assert, describe, it } from "@effect/vitest"
import { type Offer, OpenRequest } from "@pecia/contracts-abi"
import type { OfferMarket } from "@pecia/market"
import { Deferred, Effect, Layer } from "effect"
import { type Bidding, OfferingStrategy } from "../src/index.ts"
import { eventually, layerChain, makeClient, makeHost, makeRival, pass, passUntil, settle, size, start } from "./bed.ts"

const names = (bidding: Bidding["Service"]) => Effect.map(bidding.bids, (all) => all.map(({ name }) => name).sort())

/** What a host offers. */
const recording = (offers: Array<Offer>) => (market: OfferMarket["Service"]) => ({
  offerStorage: (offer: Offer) => Effect.tap(market.offerStorage(offer), () => Effect.sync(() => offers.push(offer))),
})

describe("a host", () => {
  it.effect("offers for a request, keeps its data once selected, and is paid the price", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      const { bidding, reaches } = yield* host.run()
      const asked = yield* client.request()
      yield* reaches(asked, "offered")
      assert.strictEqual(yield* host.collateral, 100n)
      assert.deepStrictEqual(host.storage.calls, [])
      yield* passUntil(start + 100n)
      const offerId = yield* client.select(host.account, asked, 20_000n)
      yield* reaches(asked, "started")
      assert.deepStrictEqual(yield* bidding.contracts, [{ offerId, request: asked.request }])
      yield* passUntil(start + 100n + asked.request.duration)
      yield* reaches(asked, "started")
      yield* passUntil(start + 100n + asked.request.duration + 1n)
      yield* reaches(asked, "finished")
      assert.deepStrictEqual(yield* bidding.contracts, [])
      assert.deepStrictEqual(yield* bidding.bids, [])
      assert.strictEqual(yield* host.freeBytes, size)
      assert.strictEqual(host.storage.stored.size, 0)
      yield* bidding.withdrawCollateral
      assert.strictEqual(yield* host.tokens, 1000n + 20_000n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect(
    "offers for what was asked before it ran, from its first block on, but not for what has expired or is taken",
    () =>
      Effect.gen(function* () {
        const client = yield* makeClient
        const earlier = yield* client.request()
        const early = yield* client.request()
        const expired = yield* client.request({ expiry: start })
        const taken = yield* client.request()
        const rival = yield* makeRival()
        yield* rival.offer(taken, 1n)
        yield* client.select(rival.account, taken, 1n)
        const host = yield* makeHost({ bidding: { fromBlock: early.block } })
        const { name, reaches } = yield* host.run()
        yield* reaches(early, "offered")
        assert.strictEqual(yield* name(earlier), undefined)
        assert.strictEqual(yield* name(expired), undefined)
        assert.strictEqual(yield* name(taken), undefined)
      }).pipe(Effect.provide(layerChain)),
  )

  it.effect("offers the price of its strategy, which is asked with the cost of the space that is held", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const offers: Array<Offer> = []
      const strategy = OfferingStrategy.layerCostPlusMargin({ marginPercent: 25n })
      const host = yield* makeHost({ minPrice: 3n, strategy, faults: recording(offers) })
      const { report, reaches } = yield* host.run()
      const cost = 3n * size * 3600n
      const [asked, tight] = [yield* client.request({ maxPrice: 2n * cost }), yield* client.request({ maxPrice: cost })]
      yield* reaches(asked, "offered")
      yield* reaches(tight, "offered")
      assert.sameDeepMembers(
        offers.map(({ price, expiry }) => ({ price, expiry })),
        [
          { price: (cost * 5n) / 4n, expiry: asked.request.expiry },
          { price: cost, expiry: asked.request.expiry },
        ],
      )
      const shown = yield* report(asked)
      assert.deepInclude(shown?.offer, { _tag: "Some" })
      assert.deepInclude(shown?.reservation, { _tag: "Some" })
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("leaves requests alone that cannot work, and those that pay less than its space costs", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ minPrice: 1n })
      const { bidding, why, name } = yield* host.run()
      const free = yield* client.request({ maxPrice: 0n })
      const empty = yield* client.request({ size: 0n })
      const brief = yield* client.request({ duration: 9n })
      const poor = yield* client.request({ maxPrice: size * 3600n - 1n })
      const huge = yield* client.request({ size: size << 60n })
      yield* settle
      for (const asked of [free, empty, brief]) assert.strictEqual(yield* name(asked), undefined)
      assert.match((yield* why(poor)) ?? "", /too high a price/)
      assert.match((yield* why(huge)) ?? "", /sizeBytes/)
      assert.deepStrictEqual(yield* bidding.bids, [])
      assert.strictEqual(yield* host.collateral, 0n)
      assert.deepStrictEqual(host.storage.calls, [])
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that is not selected has its space back when another host is, and its collateral", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      const { bidding, reaches } = yield* host.run()
      const rival = yield* makeRival()
      const asked = yield* client.request()
      yield* reaches(asked, "offered")
      assert.strictEqual(yield* host.freeBytes, 0n)
      yield* rival.offer(asked, 19_999n)
      yield* client.select(rival.account, asked, 19_999n)
      yield* reaches(asked, "notSelected")
      assert.strictEqual(yield* host.freeBytes, size)
      yield* bidding.withdrawCollateral
      assert.strictEqual(yield* host.tokens, 1000n)
      assert.lengthOf(yield* bidding.ended, 1)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that is never selected waits until the request expires, exactly", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      const { bidding, reaches } = yield* host.run()
      const asked = yield* client.request()
      yield* passUntil(asked.request.expiry - 1n)
      yield* reaches(asked, "offered")
      assert.strictEqual((yield* Effect.flip(bidding.withdrawCollateral))._tag, "AccountLocked")
      yield* passUntil(asked.request.expiry)
      yield* reaches(asked, "notSelected")
      assert.strictEqual(yield* host.freeBytes, size)
      yield* bidding.withdrawCollateral
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that is selected in the last second still starts in time", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost()
      const { reaches } = yield* host.run()
      const asked = yield* client.request()
      yield* passUntil(asked.request.expiry - 1n)
      yield* client.select(host.account, asked, 20_000n)
      yield* reaches(asked, "started")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("two of which compete: the one that is selected keeps the data, the other is free again", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const dear = yield* makeHost({ price: 30_000n, slots: 1n })
      const cheap = yield* makeHost({ price: 10_000n, slots: 1n })
      const [one, two] = [yield* dear.run(), yield* cheap.run()]
      const asked = yield* client.request()
      yield* one.reaches(asked, "offered")
      yield* two.reaches(asked, "offered")
      yield* client.select(cheap.account, asked, 10_000n)
      yield* two.reaches(asked, "started")
      yield* one.reaches(asked, "notSelected")
      assert.strictEqual(yield* dear.freeBytes, size)
      yield* pass(asked.request.duration + 1n)
      yield* two.reaches(asked, "finished")
      assert.strictEqual(yield* cheap.tokens, 900n + 10_000n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("fetches for no more contracts at once than it is told, and keeps any number", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ bidding: { downloads: 2 } })
      const fetched = yield* Deferred.make<void>()
      let fetching = 0
      let most = 0
      host.storage.beforeStore = () =>
        Effect.gen(function* () {
          fetching += 1
          most = Math.max(most, fetching)
          yield* Deferred.await(fetched)
          yield* settle
          fetching -= 1
        })
      const { bidding, reaches } = yield* host.run()
      const asked = yield* Effect.all(Array.from({ length: 5 }, () => client.request()))
      for (const one of asked) yield* reaches(one, "offered")
      for (const one of asked) yield* client.select(host.account, one, 20_000n)
      yield* settle
      assert.strictEqual(fetching, 2)
      yield* Deferred.succeed(fetched, undefined)
      yield* eventually(
        "five contracts",
        Effect.map(bidding.contracts, (all) => all.length === 5),
      )
      assert.strictEqual(most, 2)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("fetches in turns: clients that are slow do not keep the others waiting, and come again after them", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ bidding: { downloads: 3 } })
      const slow = new Set<string>()
      host.storage.beforeStore = (id) => Effect.suspend(() => (slow.has(id) ? Effect.never : Effect.void))
      const { reaches } = yield* host.run()
      const asked = yield* Effect.all(Array.from({ length: 4 }, () => client.request({ expiry: start + 3600n })))
      const honest = asked[3]
      for (const one of asked) {
        if (one !== honest) slow.add(one.requestId)
        yield* reaches(one, "offered")
        yield* client.select(host.account, one, 20_000n)
        yield* settle
      }
      yield* pass(119n)
      for (const one of asked) yield* reaches(one, "downloading")
      yield* pass(3n)
      if (honest !== undefined) yield* reaches(honest, "started")
      slow.clear()
      yield* pass(122n)
      for (const one of asked) yield* reaches(one, "started")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("leaves its own requests to others, as it may be a client too", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost()
      const { name, reaches } = yield* host.run()
      const own = new OpenRequest({ ...client.compose({ maxPrice: 500n }), client: host.account })
      yield* host.market.approveFunds(own.maxPrice)
      const requestId = yield* host.market.requestStorage(own)
      yield* reaches(yield* client.request(), "offered")
      assert.strictEqual(yield* name({ requestId }), undefined)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("is busy with no more than eight offers at once; a flood of requests waits, and nothing is dropped", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const answers = yield* Deferred.make<void>()
      const host = yield* makeHost({
        slots: 20n,
        tokens: 2000n,
        strategy: Layer.succeed(OfferingStrategy, {
          price: () => Effect.as(Deferred.await(answers), 1n),
        }),
      })
      const { bidding } = yield* host.run()
      for (let i = 0; i < 20; i++) yield* client.request()
      yield* settle
      assert.deepStrictEqual(yield* names(bidding), Array(8).fill("offering"))
      yield* Deferred.succeed(answers, undefined)
      yield* eventually(
        "twenty offers",
        Effect.map(names(bidding), (all) => all.filter((name) => name === "offered").length === 20),
      )
      assert.strictEqual(yield* host.collateral, 2000n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("remembers how its latest bids ended, and nothing of a request that it never saw", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost()
      const { bidding, reaches, name } = yield* host.run()
      const asked = yield* client.request()
      yield* reaches(asked, "offered")
      yield* passUntil(asked.request.expiry)
      yield* reaches(asked, "notSelected")
      const [ended] = yield* bidding.ended
      assert.deepInclude(ended, { requestId: asked.requestId, name: "notSelected" })
      assert.strictEqual(yield* name({ requestId: OpenRequest.id(client.compose()) }), undefined)
    }).pipe(Effect.provide(layerChain)),
  )
})
