import { assert, describe } from "@effect/vitest"
import { OpenRequest, OpenRequestLimits, type OpenRequestRefusal } from "@pecia/contracts-abi"
import { Effect, Option } from "effect"
import {
  InsufficientAllowance,
  InsufficientBalance,
  InvalidClientAddress,
  RequestAlreadyExists,
} from "../../MarketError.ts"
import { OpenRequestRefused } from "../../OfferError.ts"
import { nextBlock } from "../History.ts"
import { MarketBed } from "../MarketBed.ts"
import { OfferBed } from "../OfferBed.ts"
import { failsWith } from "../Scenario.ts"
import { offerEventsSince, what } from "./OfferHistory.ts"
import {
  newOpenRequest,
  newTrader,
  type OfferIt,
  offered,
  type RequestTerms,
  requested,
  wallet,
} from "./OfferScenario.ts"

/** Asking for offers, in the order of the contract's checks, and the views of a request. */
export const requests = (it: OfferIt) =>
  describe("requests", () => {
    it.effect("requestStorage takes the most that the client pays, and keeps the request", () =>
      Effect.gen(function* () {
        const bed = yield* OfferBed
        const client = yield* newTrader(60_010n)
        const pool = yield* client.tokens(bed.contract)
        const request = yield* newOpenRequest(client.account)
        const requestId = yield* client.requestStorage(request)
        assert.strictEqual(requestId, OpenRequest.id(request))
        assert.deepStrictEqual(yield* client.getRequest(requestId), Option.some(request))
        assert.isTrue(Option.isNone(yield* client.selectedOffer(requestId)))
        assert.strictEqual(yield* wallet(client), 10n)
        assert.strictEqual(yield* client.tokens(bed.contract), pool + 60_000n)
      }),
    )

    it.effect("requestStorage tells of the whole request", () =>
      Effect.gen(function* () {
        const from = yield* nextBlock
        const { request, requestId } = yield* requested({ size: 2n ** 200n })
        assert.deepStrictEqual((yield* offerEventsSince(from, requestId)).map(what), [
          { _tag: "StorageRequested", requestId, request },
        ])
      }),
    )

    it.effect("requestStorage in another's name fails: Invalid client address", () =>
      Effect.gen(function* () {
        const [client, other] = [yield* newTrader(60_000n), yield* newTrader(0n)]
        const { account } = client
        const foreign = yield* newOpenRequest(other.account, { duration: 0n })
        yield* failsWith(client.requestStorage(foreign), new InvalidClientAddress({ account }))
      }),
    )

    it.effect("requestStorage of a request that is there already fails: Request already exists", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { client, request, requestId } = yield* requested({ maxPrice: 0n })
        const again = failsWith(client.requestStorage(request), new RequestAlreadyExists({ requestId }))
        yield* again
        yield* bed.advanceTo(request.expiry)
        yield* client.withdrawFunds(requestId)
        yield* again
      }),
    )

    const { duration, expiry, maxPrice, proofProbability } = OpenRequestLimits
    it.effect.each<readonly [OpenRequestRefusal, RequestTerms]>([
      ["Invalid duration", { duration: 0n, maxPrice: maxPrice + 1n }],
      ["Invalid duration", { duration: duration + 1n }],
      ["Invalid duration", { duration: 2n ** 256n - 1n }],
      ["Invalid price", { maxPrice: maxPrice + 1n, expiry: expiry + 1n }],
      ["Invalid price", { maxPrice: 2n ** 256n - 1n }],
      ["Invalid expiry", { expiry: expiry + 1n, proofProbability: proofProbability + 1n }],
      ["Invalid expiry", { expiry: 2n ** 256n - 1n }],
      ["Invalid proof probability", { proofProbability: proofProbability + 1n }],
      ["Invalid proof probability", { proofProbability: 2n ** 256n - 1n }],
    ])("requestStorage refuses what can never work, the first reason first: %s", ([reason, terms]) =>
      Effect.gen(function* () {
        const client = yield* newTrader(0n)
        const request = yield* newOpenRequest(client.account, terms)
        const requestId = OpenRequest.id(request)
        yield* failsWith(client.requestStorage(request), new OpenRequestRefused({ requestId, reason }))
        assert.isTrue(Option.isNone(yield* client.getRequest(requestId)))
      }),
    )

    it.effect("requestStorage takes the most and the least that can be asked for", () =>
      Effect.gen(function* () {
        const client = yield* newTrader(maxPrice)
        const most = yield* newOpenRequest(client.account, { duration, expiry, maxPrice, proofProbability })
        const least = yield* newOpenRequest(client.account, { duration: 1n, expiry: 0n, maxPrice: 0n, size: 0n })
        for (const request of [most, least]) {
          assert.deepStrictEqual(yield* client.getRequest(yield* client.requestStorage(request)), Option.some(request))
        }
        assert.strictEqual(yield* wallet(client), 0n)
      }),
    )

    it.effect("requestStorage of more than was approved, or than there is, fails as the token has it", () =>
      Effect.gen(function* () {
        const bed = yield* OfferBed
        const { offers: client } = yield* bed.newTrader(59_999n)
        const { account } = client
        const request = yield* newOpenRequest(account)
        yield* client.approveFunds(59_999n)
        yield* failsWith(client.requestStorage(request), new InsufficientAllowance({ account }))
        yield* client.approveFunds(1n)
        yield* failsWith(client.requestStorage(request), new InsufficientBalance({ account }))
        assert.isTrue(Option.isNone(yield* client.getRequest(OpenRequest.id(request))))
      }),
    )

    it.effect("of what the chain does not know, the views tell nothing", () =>
      Effect.gen(function* () {
        const { client, offer, offerId, request, requestId } = yield* offered()
        const other = yield* newOpenRequest(client.account, { nonce: 2 })
        assert.isTrue(Option.isNone(yield* client.getRequest(OpenRequest.id(other))))
        assert.isTrue(Option.isNone(yield* client.selectedOffer(OpenRequest.id(other))))
        assert.deepStrictEqual(yield* client.getRequest(requestId), Option.some(request))
        assert.deepStrictEqual(yield* client.getOffer(offerId), Option.some(offer))
        assert.strictEqual(yield* client.contractState(offerId), "None")
      }),
    )
  })
