import { assert, describe } from "@effect/vitest"
import { RequestId, type RequestState } from "@pecia/contracts-abi"
import { Effect, Option } from "effect"
import type { Market } from "../../Market.ts"
import { InvalidClientAddress, InvalidState, RequestNotTimedOut } from "../../MarketError.ts"
import { eventsSince, nextBlock, what } from "../History.ts"
import { MarketBed } from "../MarketBed.ts"
import {
  enterNextPeriod,
  failsWith,
  filled,
  type It,
  newHost,
  proof,
  started,
  strangeId,
  submitted,
} from "../Scenario.ts"

const isIn = Effect.fnUntraced(function* (market: Market["Service"], requestId: RequestId, state: RequestState) {
  assert.deepStrictEqual(yield* market.requestState(requestId), Option.some(state))
})

/** The life of a request, row by row (contract interface, section 3), and taking its price back (2.8; the amounts: see Payouts.ts). */
export const requestStates = (it: It) =>
  describe("the states of a request", () => {
    it.effect("New becomes Started with the fill that completes the slots, in the very second of its expiry too", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { client, request, requestId } = yield* submitted()
        const host = yield* newHost
        yield* host.fillSlot(requestId, 1n, proof)
        yield* isIn(client, requestId, "New")
        yield* bed.advanceTo(request.expiry)
        const from = yield* nextBlock
        yield* host.fillSlot(requestId, 0n, proof)
        yield* isIn(client, requestId, "Started")
        const events = yield* eventsSince(from, requestId)
        assert.deepStrictEqual(events.map(what).at(-1), { _tag: "RequestFulfilled", requestId })
      }),
    )

    it.effect("a started request ends no later for it: requestEnd stays", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { client, request, requestId } = yield* submitted()
        const end = yield* client.requestEnd(requestId)
        yield* bed.advanceTo(request.expiry)
        const host = yield* newHost
        yield* host.fillSlot(requestId, 0n, proof)
        yield* host.fillSlot(requestId, 1n, proof)
        assert.strictEqual(yield* client.requestEnd(requestId), end)
      }),
    )

    it.effect("New becomes Cancelled strictly after its expiry, and has ended a second ago", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { client, request, requestId } = yield* submitted()
        const from = yield* nextBlock
        yield* bed.advanceTo(request.expiry)
        yield* isIn(client, requestId, "New")
        yield* bed.advanceTo(request.expiry + 1n)
        yield* isIn(client, requestId, "Cancelled")
        assert.strictEqual(yield* client.requestEnd(requestId), request.expiry)
        assert.deepStrictEqual(yield* client.myRequests, [requestId])
        assert.deepStrictEqual(yield* eventsSince(from, requestId), [])
      }),
    )

    it.effect("a request whose expiry has passed when it is made is Cancelled at once", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { client, requestId } = yield* submitted({ expiry: (yield* bed.now) - 1n })
        yield* isIn(client, requestId, "Cancelled")
      }),
    )

    it.effect(
      "withdrawFunds gives the whole price of a cancelled request back that nobody stored, and takes it off the client's list",
      () =>
        Effect.gen(function* () {
          const bed = yield* MarketBed
          const { client, price, request, requestId } = yield* submitted()
          yield* bed.advanceTo(request.expiry + 1n)
          const from = yield* nextBlock
          yield* client.withdrawFunds(requestId)
          yield* isIn(client, requestId, "Cancelled")
          assert.strictEqual(yield* client.tokens(client.account), price)
          assert.deepStrictEqual(yield* client.myRequests, [])
          assert.deepStrictEqual((yield* eventsSince(from, requestId)).map(what), [
            { _tag: "RequestCancelled", requestId },
          ])
          yield* failsWith(client.withdrawFunds(requestId), new InvalidState({ requestId }))
        }),
    )

    it.effect("withdrawFunds fails up to the second of the expiry: Request not yet timed out", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { client, request, requestId } = yield* submitted()
        yield* failsWith(client.withdrawFunds(requestId), new RequestNotTimedOut({ requestId }))
        yield* bed.advanceTo(request.expiry)
        yield* failsWith(client.withdrawFunds(requestId), new RequestNotTimedOut({ requestId }))
      }),
    )

    it.effect("withdrawFunds by anyone else, or of an unknown request, fails: Invalid client address", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { request, requestId } = yield* submitted()
        const { client: other } = yield* submitted()
        const { account } = other
        yield* failsWith(other.withdrawFunds(requestId), new RequestNotTimedOut({ requestId }))
        yield* bed.advanceTo(request.expiry + 1n)
        yield* failsWith(other.withdrawFunds(requestId), new InvalidClientAddress({ account }))
        const unknown = RequestId.make(yield* strangeId)
        yield* failsWith(other.withdrawFunds(unknown), new InvalidClientAddress({ account }))
      }),
    )

    it.effect("withdrawFunds of a request that is under way fails: Invalid state", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { client, request, requestId } = yield* started()
        yield* bed.advanceTo(request.expiry + 1n)
        yield* isIn(client, requestId, "Started")
        yield* failsWith(client.withdrawFunds(requestId), new InvalidState({ requestId }))
      }),
    )

    it.effect("Started becomes Failed when more slots are freed than may be lost, and has ended a second ago", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { client, host, requestId, slots } = yield* started({ slots: 3n, maxSlotLoss: 1n })
        const [first, second, third] = slots
        if (!first || !second || !third) return assert.fail("three slots")
        yield* bed.forciblyFreeSlot(first)
        yield* isIn(client, requestId, "Started")
        const from = yield* nextBlock
        yield* host.freeSlot(second)
        yield* isIn(client, requestId, "Failed")
        const now = yield* bed.now
        assert.strictEqual(yield* client.requestEnd(requestId), now - 1n)
        assert.deepStrictEqual((yield* eventsSince(from, requestId)).map(what), [
          { _tag: "SlotFreed", requestId, slotId: second },
          { _tag: "RequestFailed", requestId },
        ])
        yield* bed.advanceTo(now + 500n)
        assert.strictEqual(yield* client.requestEnd(requestId), now - 1n)
        assert.deepStrictEqual(yield* client.myRequests, [requestId])
        assert.deepStrictEqual(yield* host.mySlots, [third])
      }),
    )

    it.effect("a slot that was refilled is not lost any more", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { client, host, lastSlot, requestId, slot } = yield* started()
        yield* bed.forciblyFreeSlot(slot)
        yield* enterNextPeriod(host)
        yield* host.fillSlot(requestId, 0n, proof)
        yield* bed.forciblyFreeSlot(lastSlot)
        yield* isIn(client, requestId, "Started")
      }),
    )

    it.effect("before the start, lost slots fail nothing", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { client, requestId, slot } = yield* filled({ maxSlotLoss: 0n })
        yield* bed.forciblyFreeSlot(slot)
        yield* isIn(client, requestId, "New")
      }),
    )

    it.effect("Started becomes Finished strictly after its end, without an event", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { client, requestId } = yield* started()
        const end = yield* client.requestEnd(requestId)
        const from = yield* nextBlock
        yield* bed.advanceTo(end)
        yield* isIn(client, requestId, "Started")
        yield* bed.advanceTo(end + 1n)
        yield* isIn(client, requestId, "Finished")
        assert.strictEqual(yield* client.requestEnd(requestId), end)
        yield* bed.advanceTo(end + 100n)
        assert.strictEqual(yield* client.requestEnd(requestId), end)
        assert.deepStrictEqual(yield* client.myRequests, [requestId])
        assert.deepStrictEqual(yield* eventsSince(from, requestId), [])
      }),
    )

    it.effect(
      "the first payout settles a finished request of which nothing is left: it leaves the client's list, without an event",
      () =>
        Effect.gen(function* () {
          const bed = yield* MarketBed
          const { client, host, requestId, slot } = yield* started()
          const end = yield* client.requestEnd(requestId)
          yield* bed.advanceTo(end + 1n)
          const from = yield* nextBlock
          yield* host.freeSlot(slot)
          yield* isIn(client, requestId, "Finished")
          assert.deepStrictEqual(yield* client.myRequests, [])
          assert.deepStrictEqual(yield* eventsSince(from, requestId, slot), [])
        }),
    )
  })
