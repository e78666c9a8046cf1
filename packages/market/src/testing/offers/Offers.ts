import { assert, describe } from "@effect/vitest"
import { Offer, OpenRequest, OpenRequestLimits } from "@pecia/contracts-abi"
import { Effect, Option } from "effect"
import { AccountLocked, InsufficientCollateral, UnknownRequest } from "../../MarketError.ts"
import {
  InvalidHostAddress,
  MaxLocksReached,
  OfferAlreadyExists,
  OfferRefused,
  PriceTooHigh,
  RequestExpired,
} from "../../OfferError.ts"
import { nextBlock } from "../History.ts"
import { MarketBed } from "../MarketBed.ts"
import { failsWith } from "../Scenario.ts"
import { offerEventsSince, what } from "./OfferHistory.ts"
import {
  newBidder,
  newOffer,
  newOpenRequest,
  newTrader,
  type OfferIt,
  offered,
  requested,
  selected,
  strangeOffer,
} from "./OfferScenario.ts"

/** Offering, in the order of the contract's checks, and what a bid locks. */
export const offers = (it: OfferIt) =>
  describe("offers", () => {
    it.effect("offerStorage puts an offer beside the request, and tells of all of it", () =>
      Effect.gen(function* () {
        const from = yield* nextBlock
        const { host, offer, offerId, requestId } = yield* offered()
        assert.strictEqual(offerId, Offer.id(offer))
        assert.deepStrictEqual(yield* host.getOffer(offerId), Option.some(offer))
        assert.strictEqual(yield* host.contractState(offerId), "None")
        assert.isTrue(Option.isNone(yield* host.proofEnd(offerId)))
        assert.isTrue(Option.isNone(yield* host.selectedOffer(requestId)))
        assert.deepStrictEqual((yield* offerEventsSince(from, offerId)).map(what), [
          { _tag: "StorageOffered", offerId, offer },
        ])
        const unknown = yield* strangeOffer
        assert.isTrue(Option.isNone(yield* host.getOffer(unknown)))
        assert.strictEqual(yield* host.contractState(unknown), "None")
      }),
    )

    it.effect("offerStorage in another's name fails: Invalid host address", () =>
      Effect.gen(function* () {
        const { offer } = yield* offered()
        const other = yield* newTrader(0n)
        yield* failsWith(other.offerStorage(offer), new InvalidHostAddress({ account: other.account }))
      }),
    )

    it.effect("offerStorage without collateral fails: Insufficient collateral", () =>
      Effect.gen(function* () {
        const scene = yield* requested()
        const { initialAmount } = (yield* scene.client.config).collateral
        const host = yield* newTrader(initialAmount)
        yield* host.deposit(initialAmount - 1n)
        const offer = newOffer(host, scene)
        const { account } = host
        yield* failsWith(host.offerStorage(offer), new InsufficientCollateral({ account }))
        yield* host.deposit(1n)
        yield* host.offerStorage(offer)
      }),
    )

    it.effect("offerStorage to what is no request fails: Unknown request", () =>
      Effect.gen(function* () {
        const scene = yield* requested()
        const host = yield* newBidder()
        const requestId = OpenRequest.id(yield* newOpenRequest(scene.client.account, { nonce: 2 }))
        const offer = newOffer(host, { ...scene, requestId }, { price: 60_001n })
        yield* failsWith(host.offerStorage(offer), new UnknownRequest({ requestId }))
      }),
    )

    it.effect("offerStorage is possible before the request expires: then, Request expired", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const scene = yield* requested()
        const host = yield* newBidder()
        const { expiry } = scene.request
        yield* bed.advanceTo(expiry - 1n)
        yield* host.offerStorage(newOffer(host, scene))
        yield* bed.advanceTo(expiry)
        const late = newOffer(host, scene, { price: 60_001n })
        yield* failsWith(host.offerStorage(late), new RequestExpired({ offerId: Offer.id(late) }))
      }),
    )

    it.effect("offerStorage for more than the client pays fails: Price too high; for all that it pays, not", () =>
      Effect.gen(function* () {
        const scene = yield* requested()
        const host = yield* newBidder()
        const { requestId } = scene
        for (const price of [60_001n, 2n ** 256n - 1n]) {
          const offer = newOffer(host, scene, { price, expiry: 2n ** 256n - 1n })
          yield* failsWith(host.offerStorage(offer), new PriceTooHigh({ requestId, price }))
        }
        yield* host.offerStorage(newOffer(host, scene, { price: 60_000n }))
        yield* host.offerStorage(newOffer(host, scene, { price: 0n }))
      }),
    )

    it.effect(
      "offerStorage of an offer that is there already fails: Offer already exists; another price is another",
      () =>
        Effect.gen(function* () {
          const scene = yield* offered()
          const { host, offer, offerId } = scene
          yield* failsWith(host.offerStorage(offer), new OfferAlreadyExists({ offerId }))
          const cheaper = yield* host.offerStorage(newOffer(host, scene, { price: 1n }))
          const longer = yield* host.offerStorage(newOffer(host, scene, { expiry: offer.expiry + 1n }))
          assert.strictEqual(new Set([offerId, cheaper, longer]).size, 3)
        }),
    )

    it.effect(
      "offerStorage refuses an expiry beyond the year 36812: Invalid expiry; one that has passed is taken",
      () =>
        Effect.gen(function* () {
          const scene = yield* requested()
          const host = yield* newBidder()
          for (const expiry of [OpenRequestLimits.expiry + 1n, 2n ** 256n - 1n]) {
            const offer = newOffer(host, scene, { expiry })
            yield* failsWith(host.offerStorage(offer), new OfferRefused({ offerId: Offer.id(offer) }))
          }
          yield* host.offerStorage(newOffer(host, scene, { expiry: OpenRequestLimits.expiry }))
          yield* host.offerStorage(newOffer(host, scene, { expiry: 0n }))
        }),
    )

    it.effect("several hosts can offer, also after the client has selected", () =>
      Effect.gen(function* () {
        const scene = yield* selected()
        const late = yield* newBidder()
        const offer = newOffer(late, scene)
        assert.deepStrictEqual(yield* late.getOffer(yield* late.offerStorage(offer)), Option.some(offer))
        yield* late.withdraw
        assert.strictEqual(yield* late.collateral(late.account), 0n)
      }),
    )

    it.effect("a bid locks the collateral until the request expires: Account locked", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { host, request } = yield* offered({}, { expiry: 0n })
        const { account } = host
        yield* failsWith(host.withdraw, new AccountLocked({ account }))
        yield* bed.advanceTo(request.expiry - 1n)
        yield* failsWith(host.withdraw, new AccountLocked({ account }))
        yield* bed.advanceTo(request.expiry)
        yield* host.withdraw
        assert.strictEqual(yield* host.collateral(account), 0n)
      }),
    )

    it.effect("a selection frees the collateral of all other bidders at once", () =>
      Effect.gen(function* () {
        const scene = yield* offered()
        const loser = yield* newBidder()
        yield* loser.offerStorage(newOffer(loser, scene))
        yield* loser.offerStorage(newOffer(loser, scene, { price: 1n }))
        yield* failsWith(loser.withdraw, new AccountLocked({ account: loser.account }))
        yield* scene.client.selectOffer(scene.offerId)
        yield* loser.withdraw
        assert.strictEqual(yield* loser.collateral(loser.account), 0n)
        yield* failsWith(scene.host.withdraw, new AccountLocked({ account: scene.host.account }))
      }),
    )

    it.effect(
      "a host can have bids on 128 open requests: then, Max locks reached; what is selected or expired counts no more",
      () =>
        Effect.gen(function* () {
          const bed = yield* MarketBed
          const client = yield* newTrader(0n)
          const host = yield* newBidder()
          const { account } = host
          const now = yield* bed.now
          const scenes = yield* Effect.forEach(
            Array.from({ length: 131 }, (_, nonce) => nonce),
            (nonce) =>
              Effect.gen(function* () {
                const expiry = now + (nonce < 10 ? 500n : 10_000n)
                const request = yield* newOpenRequest(client.account, { maxPrice: 0n, expiry, nonce })
                return { client, request, requestId: yield* client.requestStorage(request) }
              }),
            { concurrency: "unbounded" },
          )
          const bidOn = (index: number, expiry = now + 20_000n) => {
            const scene = scenes[index]
            return scene === undefined
              ? Effect.die("no such request")
              : host.offerStorage(newOffer(host, scene, { price: 0n, expiry }))
          }
          const full = new MaxLocksReached({ account })
          const first = Array.from({ length: 128 }, (_, index) => index)
          const [, second] = yield* Effect.forEach(first, (index) => bidOn(index), { concurrency: "unbounded" })
          yield* failsWith(bidOn(128), full)
          yield* bidOn(5, now + 30_000n)
          if (second === undefined) return assert.fail("an offer")
          yield* client.selectOffer(second)
          yield* bidOn(128)
          yield* failsWith(bidOn(129), full)
          yield* bidOn(1, now + 30_000n) // which is decided, so that it locks nothing
          yield* bed.advanceTo(now + 500n)
          yield* bidOn(129)
          yield* bidOn(130)
          yield* failsWith(host.withdraw, new AccountLocked({ account }))
        }),
      60_000,
    )
  })
