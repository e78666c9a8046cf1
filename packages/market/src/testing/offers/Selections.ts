import { assert, describe } from "@effect/vitest"
import { Effect, Option } from "effect"
import { AccountLocked } from "../../MarketError.ts"
import {
  HostLacksCollateral,
  NotClientOfRequest,
  OfferAlreadySelected,
  OfferExpired,
  RequestExpired,
  UnknownOffer,
} from "../../OfferError.ts"
import { nextBlock } from "../History.ts"
import { MarketBed } from "../MarketBed.ts"
import { OfferBed } from "../OfferBed.ts"
import { failsWith } from "../Scenario.ts"
import { offerEventsSince, what } from "./OfferHistory.ts"
import {
  newBidder,
  newOffer,
  newTrader,
  type OfferIt,
  offered,
  requested,
  running,
  slashBidder,
  strangeOffer,
  wallet,
} from "./OfferScenario.ts"

/** Selecting, in the order of the contract's checks. */
export const selections = (it: OfferIt) =>
  describe("selections", () => {
    it.effect("selectOffer makes the offer's contract the request's, and pays the difference back at once", () =>
      Effect.gen(function* () {
        const bed = yield* OfferBed
        const { client, host, offerId, requestId } = yield* offered()
        const pool = yield* client.tokens(bed.contract)
        const from = yield* nextBlock
        yield* client.selectOffer(offerId)
        assert.deepStrictEqual(yield* host.selectedOffer(requestId), Option.some(offerId))
        assert.strictEqual(yield* host.contractState(offerId), "Selected")
        assert.isTrue(Option.isNone(yield* host.proofEnd(offerId)))
        assert.strictEqual(yield* wallet(client), 60_000n - 40_001n)
        assert.strictEqual(yield* client.tokens(bed.contract), pool - (60_000n - 40_001n))
        assert.deepStrictEqual((yield* offerEventsSince(from, offerId)).map(what), [
          { _tag: "OfferSelected", offerId, requestId },
        ])
      }),
    )

    it.effect("selectOffer pays all of it back for an offer of nothing, and nothing for one of all of it", () =>
      Effect.gen(function* () {
        for (const price of [0n, 60_000n]) {
          const { client, offerId } = yield* offered({}, { price })
          yield* client.selectOffer(offerId)
          assert.strictEqual(yield* wallet(client), 60_000n - price)
        }
      }),
    )

    it.effect("selectOffer of what is no offer fails: Unknown offer", () =>
      Effect.gen(function* () {
        const { client } = yield* requested()
        const offerId = yield* strangeOffer
        yield* failsWith(client.selectOffer(offerId), new UnknownOffer({ offerId }))
      }),
    )

    it.effect("selectOffer is possible before the offer expires: then, Offer expired", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const expiry = (yield* bed.now) + 1_000n
        const stranger = yield* newTrader(0n)
        const late = yield* offered({}, { expiry })
        const inTime = yield* offered({}, { expiry })
        yield* bed.advanceTo(expiry - 1n)
        yield* inTime.client.selectOffer(inTime.offerId)
        yield* bed.advanceTo(expiry)
        const { offerId } = late
        yield* failsWith(stranger.selectOffer(offerId), new OfferExpired({ offerId }))
        yield* failsWith(late.client.selectOffer(offerId), new OfferExpired({ offerId }))
      }),
    )

    it.effect("selectOffer by another account than the client fails: Only client can select offer", () =>
      Effect.gen(function* () {
        const scene = yield* offered()
        const { client, host, offerId } = scene
        const { account } = host
        yield* failsWith(host.selectOffer(offerId), new NotClientOfRequest({ offerId, account }))
        yield* client.selectOffer(offerId)
        yield* failsWith(host.selectOffer(offerId), new NotClientOfRequest({ offerId, account }))
      }),
    )

    it.effect("selectOffer of a second offer, or of the same one again, fails: Offer already selected", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const scene = yield* offered({}, { expiry: (yield* bed.now) + 20_000n })
        const { client, host, offerId, request } = scene
        const other = yield* host.offerStorage(newOffer(host, scene, { price: 1n, expiry: request.expiry + 1n }))
        yield* client.selectOffer(offerId)
        for (const time of [yield* bed.now, request.expiry]) {
          yield* bed.advanceTo(time)
          for (const id of [offerId, other]) {
            yield* failsWith(client.selectOffer(id), new OfferAlreadySelected({ offerId: id }))
          }
        }
        assert.strictEqual(yield* wallet(client), 60_000n - 40_001n)
      }),
    )

    it.effect("selectOffer is possible before the request expires: then, Request expired, refunded or not", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { client, host, offerId, request, requestId } = yield* offered({}, { expiry: (yield* bed.now) + 20_000n })
        yield* bed.advanceTo(request.expiry)
        yield* host.withdraw
        yield* failsWith(client.selectOffer(offerId), new RequestExpired({ offerId }))
        yield* client.withdrawFunds(requestId)
        yield* failsWith(client.selectOffer(offerId), new RequestExpired({ offerId }))
      }),
    )

    it.effect("selectOffer of a host that has lost collateral since fails: Insufficient collateral", () =>
      Effect.gen(function* () {
        const contract = yield* running({ maxPrice: 60_000n })
        const { host } = contract
        const scene = yield* requested()
        const offerId = yield* host.offerStorage(newOffer(host, scene))
        yield* slashBidder(contract.client, contract.offerId)
        yield* failsWith(scene.client.selectOffer(offerId), new HostLacksCollateral({ offerId }))
        const other = yield* newBidder()
        yield* scene.client.selectOffer(yield* other.offerStorage(newOffer(other, scene)))
      }),
    )

    it.effect("one deposit backs any number of contracts, unless the market has it otherwise", () =>
      Effect.gen(function* () {
        const { client, host, offerId } = yield* offered()
        yield* client.selectOffer(offerId)
        const second = yield* requested()
        const other = yield* host.offerStorage(newOffer(host, second))
        yield* second.client.selectOffer(other)
        yield* host.startContract(offerId)
        yield* host.startContract(other)
        yield* failsWith(host.withdraw, new AccountLocked({ account: host.account }))
      }),
    )
  })
