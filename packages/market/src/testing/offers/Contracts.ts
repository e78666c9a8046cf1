import { assert, describe } from "@effect/vitest"
import { Effect, Option } from "effect"
import { AccountLocked } from "../../MarketError.ts"
import {
  ContractNotEnded,
  ContractNotStarted,
  ContractStartedBefore,
  NotHostOfOffer,
  OfferNotSelected,
  RequestExpired,
} from "../../OfferError.ts"
import { nextBlock } from "../History.ts"
import { MarketBed } from "../MarketBed.ts"
import { OfferBed } from "../OfferBed.ts"
import { failsWith } from "../Scenario.ts"
import { offerEventsSince, what } from "./OfferHistory.ts"
import {
  failed,
  finished,
  newBidder,
  newOffer,
  newTrader,
  notStarted,
  type OfferIt,
  offered,
  running,
  selected,
  strangeOffer,
  wallet,
} from "./OfferScenario.ts"

/** What comes of a selected offer: started, finished, or not. */
export const contracts = (it: OfferIt) =>
  describe("contracts", () => {
    it.effect("startContract begins the duration now", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { host, offerId } = yield* selected()
        yield* bed.advanceTo((yield* bed.now) + 77n)
        const from = yield* nextBlock
        yield* host.startContract(offerId)
        assert.strictEqual(yield* host.contractState(offerId), "Started")
        assert.deepStrictEqual(yield* host.proofEnd(offerId), Option.some((yield* bed.now) + 20_000n))
        assert.deepStrictEqual((yield* offerEventsSince(from, offerId)).map(what), [
          { _tag: "ContractStarted", offerId },
        ])
      }),
    )

    it.effect("startContract by another account, or of what is no offer, fails: Only host can call this function", () =>
      Effect.gen(function* () {
        const { client, host, offerId } = yield* offered()
        const unknown = yield* strangeOffer
        const not = (id: typeof offerId, { account }: typeof host) => new NotHostOfOffer({ offerId: id, account })
        yield* failsWith(client.startContract(offerId), not(offerId, client))
        yield* failsWith(host.startContract(unknown), not(unknown, host))
      }),
    )

    it.effect("startContract of an offer that was not selected fails: Offer was not selected", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const scene = yield* offered()
        const loser = yield* newBidder()
        const offerId = yield* loser.offerStorage(newOffer(loser, scene))
        yield* failsWith(loser.startContract(offerId), new OfferNotSelected({ offerId }))
        yield* scene.client.selectOffer(scene.offerId)
        yield* bed.advanceTo(scene.request.expiry)
        yield* failsWith(loser.startContract(offerId), new OfferNotSelected({ offerId }))
      }),
    )

    it.effect("startContract a second time, whatever came of it, fails: Proof id already in use", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const scenes = [yield* running(), yield* failed(), yield* finished()]
        for (const { host, offerId } of scenes) {
          yield* failsWith(host.startContract(offerId), new ContractStartedBefore({ offerId }))
        }
        const started = yield* running()
        yield* bed.advanceTo(started.request.expiry)
        const { host, offerId } = started
        yield* failsWith(host.startContract(offerId), new ContractStartedBefore({ offerId }))
      }),
    )

    it.effect("startContract is possible before the request expires: then, Request expired, taken back or not", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const [late, inTime] = [yield* selected(), yield* selected()]
        yield* bed.advanceTo(late.request.expiry - 1n)
        yield* inTime.host.startContract(inTime.offerId)
        yield* bed.advanceTo(inTime.request.expiry)
        const { client, host, offerId, requestId } = late
        yield* failsWith(host.startContract(offerId), new RequestExpired({ offerId }))
        yield* client.withdrawFunds(requestId)
        yield* failsWith(host.startContract(offerId), new RequestExpired({ offerId }))
      }),
    )

    it.effect("an offer that expires after its selection can be started all the same", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const expiry = (yield* bed.now) + 100n
        const { host, offerId } = yield* selected({}, { expiry })
        yield* bed.advanceTo(expiry)
        yield* host.startContract(offerId)
      }),
    )

    it.effect("finishContract pays the price to the host strictly after the end, whoever calls it", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const offerBed = yield* OfferBed
        const { end, host, offerId } = yield* running()
        const anyone = yield* newTrader(0n)
        const pool = yield* host.tokens(offerBed.contract)
        yield* failsWith(anyone.finishContract(offerId), new ContractNotEnded({ offerId }))
        yield* bed.advanceTo(end)
        yield* failsWith(anyone.finishContract(offerId), new ContractNotEnded({ offerId }))
        yield* bed.advanceTo(end + 1n)
        assert.strictEqual(yield* host.contractState(offerId), "Started")
        const from = yield* nextBlock
        yield* anyone.finishContract(offerId)
        assert.strictEqual(yield* host.contractState(offerId), "Finished")
        assert.deepStrictEqual(yield* host.proofEnd(offerId), Option.some(end))
        assert.strictEqual(yield* wallet(host), 40_001n)
        assert.strictEqual(yield* wallet(anyone), 0n)
        assert.strictEqual(yield* host.tokens(offerBed.contract), pool - 40_001n)
        assert.deepStrictEqual((yield* offerEventsSince(from, offerId)).map(what), [
          { _tag: "ContractFinished", offerId },
        ])
      }),
    )

    it.effect("finishContract of what was not started, or a second time, fails: Contract not started", () =>
      Effect.gen(function* () {
        const { idle, released, undecided } = yield* notStarted
        const done = yield* finished()
        const lost = yield* failed()
        yield* lost.client.finishContract(lost.offerId)
        const offerIds = [undecided, idle, released, done, lost].map(({ offerId }) => offerId)
        for (const offerId of [...offerIds, yield* strangeOffer]) {
          yield* failsWith(done.client.finishContract(offerId), new ContractNotStarted({ offerId }))
        }
        assert.strictEqual(yield* wallet(done.host), 40_001n)
      }),
    )

    it.effect("a selected host's collateral is locked until its contract is finished, failed or released", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { idle, released } = yield* notStarted
        const lost = yield* failed()
        const started = yield* running({}, { expiry: (yield* bed.now) + 1n })
        const locked = ({ host }: typeof idle) => failsWith(host.withdraw, new AccountLocked({ account: host.account }))
        yield* released.host.withdraw
        yield* lost.host.withdraw
        yield* locked(idle)
        yield* bed.advanceTo(started.end + 1n)
        yield* locked(idle)
        yield* locked(started)
        yield* idle.client.withdrawFunds(idle.requestId)
        yield* idle.host.withdraw
        yield* started.client.finishContract(started.offerId)
        yield* started.host.withdraw
        for (const { host } of [released, lost, idle, started]) {
          assert.strictEqual(yield* host.collateral(host.account), 0n)
        }
      }),
    )
  })
