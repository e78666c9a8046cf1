import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { MemoryNode } from "../MemoryNode.ts"
import { inWorld, newOpenRequest, until } from "../MemoryWorld.ts"
import { ask, newNode, refuses } from "./Rest.ts"

const zeros = "0".repeat(64)
const offer = (minPrice: number) => ({
  method: "POST",
  path: "/sales/availability",
  body: { totalSize: 65_536, duration: 3_600, minPricePerBytePerSecond: minPrice, totalCollateral: "100" },
})

const bidOn = (node: MemoryNode, id: string) =>
  Effect.map(ask(node, { path: `/sales/bids/${id}` }), ({ text }) => JSON.parse(text))
const comesTo = (node: MemoryNode, id: string, state: string) =>
  until(
    `the bid is ${state}`,
    Effect.map(ask(node, { path: `/sales/bids/${id}` }), ({ text }) => text.includes(`"state":"${state}"`)),
  )

describe("GET /sales/bids", () => {
  it.effect("shows a bid with its offer and its space, found in any case, with and without 0x", () =>
    Effect.gen(function* () {
      const node = yield* newNode(["host"], { tokens: 100n })
      assert.strictEqual((yield* ask(node, { path: "/sales/bids" })).text, "[]")
      const { id, request } = yield* newOpenRequest()
      const { id: availabilityId } = JSON.parse((yield* ask(node, offer(1))).text)
      yield* comesTo(node, id, "offered")
      const { request: shown, offer: made, reservation, ...rest } = yield* bidOn(node, id)
      assert.deepStrictEqual(rest, { requestId: id, state: "offered", error: null })
      assert.deepInclude(shown, { size: 65_536, duration: 100, maxPrice: "13107200", proofProbability: "1" })
      // A tenth more than the cost.
      assert.deepInclude(made, { price: `${(65_536n * 100n * 11n + 9n) / 10n}`, expiry: Number(request.expiry) })
      assert.match(made.offerId, /^0x[0-9a-f]{64}$/)
      assert.deepInclude(reservation, { availabilityId, size: 65_536, requestId: id, slotIndex: 0 })
      assert.deepStrictEqual(JSON.parse((yield* ask(node, { path: "/sales/bids" })).text), [yield* bidOn(node, id)])
      assert.deepStrictEqual(yield* bidOn(node, id.slice(2).toUpperCase()), yield* bidOn(node, id))
      assert.deepInclude(yield* node.client.info().pipe(Effect.map(({ chain }) => chain)), { offerCollateral: 100n })
    }).pipe(inWorld),
  )

  it.effect("says how a bid has ended: not selected before the expiry, and the space is on offer again", () =>
    Effect.gen(function* () {
      const node = yield* newNode(["host"], { tokens: 100n })
      yield* ask(node, offer(1))
      const { id } = yield* newOpenRequest()
      yield* comesTo(node, id, "offered")
      yield* comesTo(node, id, "notSelected")
      assert.strictEqual((yield* bidOn(node, id)).error, "No offer of this host was selected.")
      yield* until(
        "the space is free",
        Effect.map(node.client.availabilities(), ([one]) => one?.freeSize === 65_536n),
      )
      assert.strictEqual((yield* ask(node, { path: "/sales/bids" })).text, "[]")
    }).pipe(inWorld),
  )

  it.effect("knows no request that it does not bid on", () =>
    Effect.gen(function* () {
      const node = yield* newNode(["host"])
      const path = (id: string) => ({ path: `/sales/bids/${id}` })
      yield* refuses(node, path(zeros), 404, `This host does not bid on request 0x${zeros}.`)
      yield* refuses(node, path("0x12"), 400, /^"0x12" is not a request id: it takes 64 hex digits/)
    }).pipe(inWorld),
  )
})

const calls = [{ path: "/sales/bids" }, { path: `/sales/bids/${zeros}` }]

it.effect.each(calls)("a node that is no host says so: %j", (call) =>
  Effect.gen(function* () {
    const sentence = "This node is not a host; start it with --roles host."
    yield* refuses(yield* newNode(["client"]), call, 503, sentence)
    yield* refuses(yield* newNode([]), call, 503, sentence)
  }).pipe(inWorld),
)

it.effect.each(calls)("a host without an offer market says so: %j", (call) =>
  Effect.gen(function* () {
    yield* refuses(yield* newNode(["host"], { offers: false }), call, 503, /^There is no offer market here: /)
  }).pipe(inWorld),
)
