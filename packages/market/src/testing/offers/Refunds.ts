import { assert, describe } from "@effect/vitest"
import { OpenRequest } from "@pecia/contracts-abi"
import { Effect } from "effect"
import { InvalidState, RequestNotTimedOut, UnknownRequest } from "../../MarketError.ts"
import { nextBlock } from "../History.ts"
import { MarketBed } from "../MarketBed.ts"
import { OfferBed } from "../OfferBed.ts"
import { failsWith } from "../Scenario.ts"
import { offerEventsSince, what } from "./OfferHistory.ts"
import {
  failed,
  finished,
  newOpenRequest,
  newTrader,
  type OfferIt,
  offered,
  requested,
  running,
  selected,
  wallet,
} from "./OfferScenario.ts"

/** What the client gets back, and when. */
export const refunds = (it: OfferIt) =>
  describe("refunds", () => {
    it.effect("withdrawFunds of what is no request fails: Unknown request", () =>
      Effect.gen(function* () {
        const { client } = yield* requested()
        const requestId = OpenRequest.id(yield* newOpenRequest(client.account, { nonce: 2 }))
        yield* failsWith(client.withdrawFunds(requestId), new UnknownRequest({ requestId }))
      }),
    )

    it.effect("withdrawFunds pays all back when nothing was selected before the expiry, whoever calls it", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { client, host, request, requestId } = yield* offered()
        yield* failsWith(host.withdrawFunds(requestId), new RequestNotTimedOut({ requestId }))
        yield* bed.advanceTo(request.expiry - 1n)
        yield* failsWith(client.withdrawFunds(requestId), new RequestNotTimedOut({ requestId }))
        yield* bed.advanceTo(request.expiry)
        yield* host.withdrawFunds(requestId)
        assert.strictEqual(yield* wallet(client), 60_000n)
        assert.strictEqual(yield* wallet(host), 0n)
        yield* failsWith(client.withdrawFunds(requestId), new InvalidState({ requestId }))
      }),
    )

    it.effect("withdrawFunds of a request that was born expired pays back at once", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        for (const expiry of [0n, yield* bed.now]) {
          const { client, requestId } = yield* requested({ expiry })
          yield* client.withdrawFunds(requestId)
          assert.strictEqual(yield* wallet(client), 60_000n)
          yield* failsWith(client.withdrawFunds(requestId), new InvalidState({ requestId }))
        }
      }),
    )

    it.effect("withdrawFunds gives everything back when the host never started, and frees the host", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const offerBed = yield* OfferBed
        const { client, host, offerId, request, requestId } = yield* selected()
        const pool = yield* client.tokens(offerBed.contract)
        yield* failsWith(client.withdrawFunds(requestId), new RequestNotTimedOut({ requestId }))
        yield* bed.advanceTo(request.expiry)
        assert.strictEqual(yield* client.contractState(offerId), "Selected")
        const from = yield* nextBlock
        yield* client.withdrawFunds(requestId)
        assert.strictEqual(yield* client.contractState(offerId), "Released")
        assert.strictEqual(yield* wallet(client), 60_000n)
        assert.strictEqual(yield* client.tokens(offerBed.contract), pool - 40_001n)
        yield* host.withdraw
        yield* failsWith(client.withdrawFunds(requestId), new InvalidState({ requestId }))
        assert.deepStrictEqual((yield* offerEventsSince(from, offerId, requestId)).map(what), [])
      }),
    )

    it.effect("withdrawFunds of a contract that runs or was finished fails: Invalid state", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const started = yield* running()
        const { client, end, host, offerId, request, requestId } = started
        yield* failsWith(client.withdrawFunds(requestId), new RequestNotTimedOut({ requestId }))
        for (const time of [request.expiry, end, end + 1n]) {
          yield* bed.advanceTo(time)
          yield* failsWith(client.withdrawFunds(requestId), new InvalidState({ requestId }))
        }
        yield* host.finishContract(offerId)
        yield* failsWith(client.withdrawFunds(requestId), new InvalidState({ requestId }))
        const done = yield* finished()
        yield* failsWith(done.client.withdrawFunds(done.requestId), new InvalidState({ requestId: done.requestId }))
        assert.strictEqual(yield* wallet(client), 60_000n - 40_001n)
      }),
    )

    it.effect(
      "of a contract that has failed the host gets its share for the time stored, at once, and the client the rest, in any order",
      () =>
        Effect.gen(function* () {
          const offerBed = yield* OfferBed
          const anyone = yield* newTrader(0n)
          for (const order of ["host first", "client first"]) {
            const { client, failedAt, host, offerId, requestId, startedAt } = yield* failed()
            const pool = yield* client.tokens(offerBed.contract)
            const share = (40_001n * (failedAt - startedAt)) / 20_000n
            assert.isTrue(0n < share && share < 40_001n)
            const [paid, refunded] = [anyone.finishContract(offerId), anyone.withdrawFunds(requestId)]
            yield* order === "host first" ? paid : refunded
            yield* order === "host first" ? refunded : paid
            assert.strictEqual(yield* wallet(host), share, order)
            assert.strictEqual(yield* wallet(client), 60_000n - share, order)
            assert.strictEqual(yield* client.tokens(offerBed.contract), pool - 40_001n, order)
            assert.strictEqual(yield* client.contractState(offerId), "Failed")
            yield* failsWith(client.withdrawFunds(requestId), new InvalidState({ requestId }))
          }
        }),
    )

    it.effect("the share of a failed contract does not grow with the time that goes by until it is paid", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { client, end, failedAt, host, offerId, requestId, startedAt } = yield* failed()
        yield* bed.advanceTo(end + 1n)
        yield* client.withdrawFunds(requestId)
        yield* host.finishContract(offerId)
        const share = (40_001n * (failedAt - startedAt)) / 20_000n
        assert.strictEqual(yield* wallet(host), share)
        assert.strictEqual(yield* wallet(client), 60_000n - share)
      }),
    )
  })
