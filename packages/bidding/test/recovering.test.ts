import { assert, describe, it } from "@effect/vitest"
import { Offer } from "@pecia/contracts-abi"
import { Effect, Option } from "effect"
import { bidVolume, DataUnavailable } from "../src/index.ts"
import { layerChain, makeClient, makeHost, pass, passUntil, settle, size, start, unreachable } from "./bed.ts"

describe("a host that starts again", () => {
  it.effect("keeps an offer of an earlier run, with another price, that is selected when its space was lost", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost()
      const asked = yield* client.request()
      // An earlier run, with another record of space and another strategy.
      yield* host.market.approveFunds(100n)
      yield* host.market.deposit(100n)
      const { requestId, request } = asked
      const offer = new Offer({ host: host.account, requestId, price: 30_000n, expiry: request.expiry })
      yield* host.market.offerStorage(offer)
      yield* client.market.selectOffer(Offer.id(offer))
      const { reaches, report } = yield* host.run()
      yield* reaches(asked, "started")
      assert.deepStrictEqual((yield* report(asked))?.offer, Option.some({ offerId: Offer.id(offer), offer }))
      yield* passUntil(start + request.duration + 1n)
      yield* reaches(asked, "finished")
      assert.strictEqual(yield* host.tokens, 900n + 30_000n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("releases a contract that an earlier run could not start, lest it lock the collateral", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost()
      const { requestId, request } = yield* client.request()
      yield* host.market.approveFunds(100n)
      yield* host.market.deposit(100n)
      const offer = new Offer({ host: host.account, requestId, price: 30_000n, expiry: request.expiry })
      yield* client.market.selectOffer(yield* host.market.offerStorage(offer))
      yield* passUntil(request.expiry)
      const { bidding, reaches } = yield* host.run()
      yield* reaches({ requestId }, "notStarted")
      yield* pass(60n)
      yield* bidding.withdrawCollateral
      assert.strictEqual(yield* host.tokens, 1000n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("shows the offer that was selected, of several that it made", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost()
      const { reaches, report } = yield* host.run()
      const asked = yield* client.request()
      yield* reaches(asked, "offered")
      const { requestId, request } = asked
      const later = new Offer({ host: host.account, requestId, price: 25_000n, expiry: request.expiry })
      yield* host.market.offerStorage(later)
      yield* reaches(asked, "offered")
      yield* settle
      const shown = Effect.map(report(asked), (found) => Option.getOrUndefined(found?.offer ?? Option.none())?.offer)
      assert.deepStrictEqual(yield* shown, later)
      yield* client.select(host.account, asked, 20_000n)
      yield* reaches(asked, "started")
      assert.strictEqual((yield* shown)?.price, 20_000n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("shows a bid as unknown while the chain does not answer, and goes on when it does", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      let reachable = true
      const host = yield* makeHost({
        faults: (market) => ({
          selectedOffer: (id) => Effect.suspend(() => (reachable ? market.selectedOffer(id) : unreachable)),
        }),
      })
      const first = yield* host.run()
      const asked = yield* client.request()
      yield* first.reaches(asked, "offered")
      yield* client.select(host.account, asked, 20_000n)
      yield* first.reaches(asked, "started")
      yield* first.stop
      reachable = false
      const second = yield* host.run()
      yield* pass(600n)
      yield* second.reaches(asked, "unknown")
      reachable = true
      yield* pass(60n)
      yield* second.reaches(asked, "started")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("waits for a chain that does not answer at all, and goes on when it does", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      let reachable = true
      const host = yield* makeHost({
        faults: (market) => ({
          getRequest: (id) => Effect.suspend(() => (reachable ? market.getRequest(id) : unreachable)),
          config: Effect.suspend(() => (reachable ? market.config : unreachable)),
        }),
      })
      const first = yield* host.run()
      const [one, two] = [yield* client.request(), yield* client.request()]
      yield* first.reaches(one, "offered")
      yield* first.reaches(two, "offered")
      yield* client.select(host.account, one, 20_000n)
      yield* first.reaches(one, "started")
      yield* first.stop
      reachable = false
      const second = yield* host.run()
      yield* pass(300n)
      assert.deepStrictEqual(yield* second.bidding.bids, [])
      reachable = true
      yield* pass(60n)
      yield* second.reaches(one, "started")
      yield* second.reaches(two, "offered")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect(
    "recovers a running contract whose space was lost: it fetches the data again before it counts as kept",
    () =>
      Effect.gen(function* () {
        const client = yield* makeClient
        const host = yield* makeHost({ slots: 1n })
        const first = yield* host.run()
        const asked = yield* client.request()
        yield* first.reaches(asked, "offered")
        yield* client.select(host.account, asked, 20_000n)
        yield* first.reaches(asked, "started")
        first.life.dead = true
        host.storage.stored.clear()
        yield* host.reservations.giveBack(bidVolume(asked.requestId))
        let isThere = false
        host.storage.beforeStore = () => Effect.suspend(() => (isThere ? Effect.void : Effect.never))
        const interrupted = yield* host.run()
        yield* interrupted.reaches(asked, "downloading")
        interrupted.life.dead = true
        // Its space is held again, but the data is not here yet; proofs are due all the same.
        const second = yield* host.run()
        yield* second.reaches(asked, "downloading")
        assert.lengthOf(yield* second.bidding.contracts, 1)
        // The time to start has passed, but this one runs.
        yield* pass(1200n)
        yield* second.reaches(asked, "downloading")
        isThere = true
        yield* pass(150n)
        yield* second.reaches(asked, "started")
        yield* passUntil(start + asked.request.duration + 1n)
        yield* second.reaches(asked, "finished")
        assert.strictEqual(yield* host.freeBytes, size)
      }).pipe(Effect.provide(layerChain)),
  )

  it.effect("fetches lost data of a running contract for as long as the contract runs, whatever is wrong", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      const first = yield* host.run()
      const asked = yield* client.request()
      yield* first.reaches(asked, "offered")
      yield* client.select(host.account, asked, 20_000n)
      yield* first.reaches(asked, "started")
      first.life.dead = true
      host.storage.stored.clear()
      yield* host.reservations.giveBack(bidVolume(asked.requestId))
      let isBroken = true
      const wrong = new DataUnavailable({ detail: "It is not what was asked for.", isRetryable: false })
      host.storage.beforeStore = () => (isBroken ? Effect.fail(wrong) : Effect.void)
      const second = yield* host.run()
      yield* pass(2000n)
      yield* second.reaches(asked, "downloading")
      isBroken = false
      yield* pass(30n)
      yield* second.reaches(asked, "started")
    }).pipe(Effect.provide(layerChain)),
  )
})
