import { assert, describe } from "@effect/vitest"
import { type Address, RequestLimits, type RequestRefusal, StorageRequest } from "@pecia/contracts-abi"
import { Effect, Option } from "effect"
import { InsufficientAllowance, InvalidClientAddress, RequestRefused } from "../../MarketError.ts"
import { MarketBed } from "../MarketBed.ts"
import { failsWith, type It, newRequest, newSpender, type Terms } from "../Scenario.ts"

/** What can never work, in the order in which the contract looks for it. The content of a request has 3 bytes besides its cid. */
const hopeless = (now: bigint): ReadonlyArray<readonly [what: string, reason: RequestRefusal, terms: Terms]> => [
  ["no slots", "Invalid slots", { slots: 0n, maxSlotLoss: 1n }],
  ["too many slots", "Invalid slots", { slots: RequestLimits.slots + 1n }],
  ["more loss than slots", "Invalid max slot loss", { maxSlotLoss: 3n }],
  ["no duration", "Invalid duration", { duration: 0n }],
  ["too long a duration", "Invalid duration", { duration: RequestLimits.duration + 1n }],
  ["a duration beyond all numbers", "Invalid duration", { duration: 2n ** 256n - 1n }],
  ["an expiry at its end", "Invalid expiry", { expiry: now + 20_000n }],
  ["an expiry after its end", "Invalid expiry", { expiry: 2n ** 256n - 1n }],
  ["too large a reward", "Invalid reward", { reward: RequestLimits.reward + 1n }],
  ["too large a reward to count", "Invalid reward", { reward: 2n ** 256n - 1n }],
  ["too large slots", "Invalid slot size", { slotSize: RequestLimits.slotSize + 1n }],
  ["too large a probability", "Invalid proof probability", { proofProbability: RequestLimits.proofProbability + 1n }],
  ["too long a content", "Request too large", { cid: "z".repeat(RequestLimits.contentBytes - 2) }],
]

const refused = Effect.fnUntraced(function* (client: Address, terms: Terms, reason: RequestRefusal) {
  const request = yield* newRequest(client, terms)
  return { request, error: new RequestRefused({ requestId: StorageRequest.id(request), reason }) }
})

/** Requests that can never work are refused with a reason. */
export const refusals = (it: It) =>
  describe("refusals", () => {
    it.effect("requestStorage of what can never work fails with the reason, and leaves nothing behind", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const client = yield* newSpender(1_000_000n)
        for (const [what, reason, terms] of hopeless(yield* bed.now)) {
          const { error, request } = yield* refused(client.account, terms, reason)
          yield* failsWith(client.requestStorage(request), error, what)
          assert.isTrue(Option.isNone(yield* client.getRequest(error.requestId)))
        }
        assert.deepStrictEqual(yield* client.myRequests, [])
        assert.strictEqual(yield* client.tokens(client.account), 1_000_000n)
      }),
    )

    it.effect("requestStorage tells the first of several reasons", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const client = yield* newSpender(0n)
        const flaws = hopeless(yield* bed.now).filter(([what]) => what !== "too many slots")
        for (const [index, [what, reason]] of flaws.entries()) {
          const all: Terms = Object.assign(
            {},
            ...flaws
              .slice(index)
              .map(([, , terms]) => terms)
              .reverse(),
          )
          const { error, request } = yield* refused(client.account, all, reason)
          yield* failsWith(client.requestStorage(request), error, what)
        }
      }),
    )

    it.effect("requestStorage looks at the client and the id first, and at the money last", () =>
      Effect.gen(function* () {
        const client = yield* newSpender(120_000n)
        const other = yield* newSpender(0n)
        const { error, request } = yield* refused(other.account, { slots: 0n, maxSlotLoss: 0n }, "Invalid slots")
        yield* failsWith(client.requestStorage(request), new InvalidClientAddress({ account: client.account }))
        yield* failsWith(other.requestStorage(request), error)
        const good = yield* newRequest(other.account)
        yield* failsWith(other.requestStorage(good), new InsufficientAllowance({ account: other.account }))
      }),
    )

    it.effect("requestStorage takes a content that just fits, whatever its parts, and gives it back to the byte", () =>
      Effect.gen(function* () {
        const client = yield* newSpender(120_000n)
        const cid = `é${"z".repeat(RequestLimits.contentBytes - 5)}`
        const request = yield* newRequest(client.account, { cid })
        const requestId = yield* client.requestStorage(request)
        assert.deepStrictEqual(yield* client.getRequest(requestId), Option.some(request))
        const { error, request: longer } = yield* refused(client.account, { cid: `${cid}z` }, "Request too large")
        yield* failsWith(client.requestStorage(longer), error)
      }),
    )
  })
