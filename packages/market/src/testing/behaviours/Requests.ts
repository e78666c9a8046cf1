import { assert, describe } from "@effect/vitest"
import { RequestId, StorageRequest, slotId } from "@pecia/contracts-abi"
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
import { failsWith, failsWithPanic, type It, newRequest, newSpender, strangeId, submitted } from "../Scenario.ts"

const maxUint256 = 2n ** 256n - 1n

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
        const request = yield* newRequest(client.account, { slots: 3n, duration: 20n, reward: 5n })
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

    it.effect("requestStorage panics when its end or its price exceeds 2^256 - 1", () =>
      Effect.gen(function* () {
        const client = yield* newSpender(1_000n)
        const attempt = (terms: Parameters<typeof newRequest>[1]) =>
          Effect.flatMap(newRequest(client.account, terms), (request) => failsWithPanic(client.requestStorage(request)))
        yield* attempt({ duration: maxUint256, reward: 0n })
        yield* attempt({ duration: 2n, reward: maxUint256 })
        yield* attempt({ slots: 2n, duration: 1n, reward: maxUint256 })
      }),
    )

    it.effect("requestStorage takes what makes no sense: no slots, no duration, no reward, more loss than slots", () =>
      Effect.gen(function* () {
        const senseless = [
          { slots: 0n },
          { duration: 0n },
          { reward: 0n },
          { proofProbability: 0n },
          { slotSize: 0n },
          { maxSlotLoss: 3n },
          { expiry: maxUint256 },
        ]
        for (const terms of senseless) {
          const { client, requestId } = yield* submitted(terms)
          assert.deepStrictEqual(yield* client.requestState(requestId), Option.some("New"))
        }
      }),
    )

    it.effect("requestStorage carries the largest numbers of the ABI", () =>
      Effect.gen(function* () {
        const terms = { slots: 2n ** 64n - 1n, slotSize: maxUint256, maxSlotLoss: 2n ** 64n - 1n, reward: 0n }
        const { client, request, requestId } = yield* submitted({ ...terms, proofProbability: maxUint256 })
        assert.deepStrictEqual(yield* client.getRequest(requestId), Option.some(request))
        assert.strictEqual(yield* client.slotState(slotId(requestId, 2n ** 64n - 2n)), "Free")
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
