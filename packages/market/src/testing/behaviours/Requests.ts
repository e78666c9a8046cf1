import { assert, describe } from "@effect/vitest"
import { RequestId, RequestLimits, StorageRequest, slotId } from "@pecia/contracts-abi"
import { Effect, Option } from "effect"
import {
  InsufficientAllowance,
  InsufficientBalance,
  InvalidClientAddress,
  RequestAlreadyExists,
  UnknownRequest,
} from "../../MarketError.ts"
import { eventsSince, nextBlock, what } from "../History.ts"
import { MarketBed } from "../MarketBed.ts"
import { failsWith, type It, newRequest, newSpender, strangeId, submitted } from "../Scenario.ts"

/** Putting requests on the market, and what the views tell of them (contract interface, sections 2.2 and 2.9). */
export const requests = (it: It) =>
  describe("requests", () => {
    it.effect("requestStorage puts the request on the market, byte for byte, under the hash of its encoding", () =>
      Effect.gen(function* () {
        const { client, request, requestId } = yield* submitted()
        assert.strictEqual(requestId, StorageRequest.id(request))
        assert.deepStrictEqual(yield* client.getRequest(requestId), Option.some(request))
        assert.deepStrictEqual(yield* client.requestState(requestId), Option.some("New"))
        assert.deepStrictEqual(yield* client.myRequests, [requestId])
      }),
    )

    it.effect("requestStorage takes slots x duration x reward in advance", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const client = yield* newSpender(1_000n)
        const request = yield* newRequest(client.account, { slots: 3n, duration: 20n, reward: 5n, expiry: 0n })
        const pool = yield* client.tokens(bed.contract)
        yield* client.requestStorage(request)
        assert.strictEqual(yield* client.tokens(client.account), 700n)
        assert.strictEqual(yield* client.tokens(bed.contract), pool + 300n)
      }),
    )

    it.effect("requestStorage is told to everybody, with the ask", () =>
      Effect.gen(function* () {
        const from = yield* nextBlock
        const { request, requestId } = yield* submitted()
        const { ask } = request
        const events = yield* eventsSince(from, requestId)
        assert.deepStrictEqual(events.map(what), [{ _tag: "StorageRequested", requestId, ask }])
      }),
    )

    it.effect("requestStorage for another client fails: Invalid client address", () =>
      Effect.gen(function* () {
        const client = yield* newSpender(120_000n)
        const other = yield* newSpender(120_000n)
        const request = yield* newRequest(client.account)
        yield* failsWith(other.requestStorage(request), new InvalidClientAddress({ account: other.account }))
        assert.deepStrictEqual(yield* other.myRequests, [])
      }),
    )

    it.effect("requestStorage a second time fails: Request already exists", () =>
      Effect.gen(function* () {
        const { client, request, requestId } = yield* submitted()
        yield* failsWith(client.requestStorage(request), new RequestAlreadyExists({ requestId }))
        const other = yield* newSpender(0n)
        yield* failsWith(other.requestStorage(request), new InvalidClientAddress({ account: other.account }))
      }),
    )

    it.effect("requestStorage with another nonce is another request", () =>
      Effect.gen(function* () {
        const client = yield* newSpender(240_000n)
        const first = yield* client.requestStorage(yield* newRequest(client.account, { nonce: 1 }))
        const second = yield* client.requestStorage(yield* newRequest(client.account, { nonce: 2 }))
        assert.sameMembers(Array.from(yield* client.myRequests), [first, second])
      }),
    )

    it.effect(
      "requestStorage with too little approved fails: ERC20: insufficient allowance; nothing is left behind",
      () =>
        Effect.gen(function* () {
          const bed = yield* MarketBed
          const client = yield* bed.newMarket(120_000n)
          const { account } = client
          yield* client.approveFunds(119_999n)
          const request = yield* newRequest(account)
          yield* failsWith(client.requestStorage(request), new InsufficientAllowance({ account }))
          assert.isTrue(Option.isNone(yield* client.getRequest(StorageRequest.id(request))))
          assert.deepStrictEqual(yield* client.myRequests, [])
          yield* client.approveFunds(1n)
          yield* client.requestStorage(request)
        }),
    )

    it.effect("requestStorage with too little in the wallet fails: ERC20: transfer amount exceeds balance", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const client = yield* bed.newMarket(119_999n)
        const { account } = client
        yield* client.approveFunds(120_000n)
        const request = yield* newRequest(account)
        yield* failsWith(client.requestStorage(request), new InsufficientBalance({ account }))
        assert.strictEqual(yield* client.tokens(account), 119_999n)
      }),
    )

    it.effect("requestStorage takes what is odd and yet can work: no reward, no size, no proofs, any or no loss", () =>
      Effect.gen(function* () {
        const odd = [
          { reward: 0n },
          { proofProbability: 0n },
          { slotSize: 0n },
          { maxSlotLoss: 2n },
          { maxSlotLoss: 0n },
        ]
        for (const terms of odd) {
          const { client, requestId } = yield* submitted(terms)
          assert.deepStrictEqual(yield* client.requestState(requestId), Option.some("New"))
        }
      }),
    )

    it.effect("requestStorage takes the largest numbers that its limits allow, and gives them back", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { duration, proofProbability, reward, slotSize, slots } = RequestLimits
        const most = { slots, slotSize, proofProbability, maxSlotLoss: slots, duration }
        const end = (yield* bed.now) + duration
        const expiry = end - 1n
        const { client, request, requestId } = yield* submitted({ ...most, reward: 0n, expiry })
        assert.deepStrictEqual(yield* client.getRequest(requestId), Option.some(request))
        assert.strictEqual(yield* client.requestEnd(requestId), end)
        assert.strictEqual(yield* client.slotState(slotId(requestId, slots - 1n)), "Free")
        const rich = yield* submitted({ slots: 1n, duration: 1n, expiry: 0n, reward })
        assert.strictEqual(rich.price, reward)
        assert.deepStrictEqual(yield* client.getRequest(rich.requestId), Option.some(rich.request))
      }),
    )

    it.effect("requestEnd is the time of the request plus its duration", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { client, request, requestId } = yield* submitted()
        assert.strictEqual(yield* client.requestEnd(requestId), (yield* bed.now) + request.ask.duration)
      }),
    )

    it.effect(
      "of an unknown request, getRequest and requestState know nothing, and requestEnd fails: Unknown request",
      () =>
        Effect.gen(function* () {
          const market = yield* newSpender(0n)
          const requestId = RequestId.make(yield* strangeId)
          assert.isTrue(Option.isNone(yield* market.getRequest(requestId)))
          assert.isTrue(Option.isNone(yield* market.requestState(requestId)))
          yield* failsWith(market.requestEnd(requestId), new UnknownRequest({ requestId }))
        }),
    )

    it.effect("myRequests are one's own only", () =>
      Effect.gen(function* () {
        const mine = yield* submitted()
        const theirs = yield* submitted()
        assert.deepStrictEqual(yield* mine.client.myRequests, [mine.requestId])
        assert.deepStrictEqual(yield* theirs.client.myRequests, [theirs.requestId])
      }),
    )
  })
