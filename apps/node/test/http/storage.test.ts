import { assert, describe, it } from "@effect/vitest"
import { ChainError, Unreachable } from "@pecia/market"
import { Effect } from "effect"
import { inWorld, until } from "../MemoryWorld.ts"
import { ask, newNode, refuses } from "./Rest.ts"

const zeros = "0".repeat(64)
const terms = {
  duration: 100,
  pricePerBytePerSecond: "1",
  proofProbability: "10",
  collateralPerByte: "1",
  nodes: 3,
  tolerance: 1,
  expiry: 50,
}
/** Three slots of one block. */
const price = 3n * 65_536n * 100n
const request = (cid: string, body: unknown) => ({ method: "POST", path: `/storage/request/${cid}`, body })

const newClient = Effect.fnUntraced(function* (options: Parameters<typeof newNode>[1] = { tokens: price }) {
  const node = yield* newNode(["client"], options)
  const { text: cid } = yield* ask(node, { method: "POST", path: "/data", body: new Uint8Array(120_000).fill(7) })
  return { node, cid }
})

describe("POST /storage/request/{cid}", () => {
  it.effect("answers the id without 0x, under which the purchase is found in any case, with and without 0x", () =>
    Effect.gen(function* () {
      const { node, cid } = yield* newClient()
      const { status, headers, text: id } = yield* ask(node, request(cid, terms))
      assert.strictEqual(status, 200)
      assert.match(headers.get("content-type") ?? "", /^text\/plain/)
      assert.match(id, /^[0-9a-f]{64}$/)
      assert.strictEqual((yield* ask(node, { path: "/storage/purchases" })).text, `["0x${id}"]`)
      const found = yield* Effect.forEach([id, `0x${id}`, id.toUpperCase(), `0x${id.toUpperCase()}`], (form) =>
        ask(node, { path: `/storage/purchases/${form}` }),
      )
      assert.deepStrictEqual(
        found.map((answer) => answer.status),
        [200, 200, 200, 200],
      )
      assert.strictEqual(new Set(found.map(({ text }) => text)).size, 1)
    }).pipe(inWorld),
  )

  it.effect("shows the purchase in the numbers and texts that clients expect", () =>
    Effect.gen(function* () {
      const { node, cid } = yield* newClient()
      const { text: id } = yield* ask(node, request(cid, terms))
      const read = Effect.map(ask(node, { path: `/storage/purchases/${id}` }), ({ text }) => JSON.parse(text))
      yield* until(
        "the request is on the chain",
        Effect.map(read, ({ state }) => state === "submitted"),
      )
      const { request: made, ...purchase } = yield* read
      const { client, content, nonce, ...rest } = made
      assert.deepStrictEqual(purchase, { requestId: `0x${id}`, state: "submitted", error: null })
      assert.match(client, /^0x[0-9a-f]{40}$/)
      assert.match(content.cid, /^baf/)
      assert.match(nonce, /^0x[0-9a-f]{64}$/)
      assert.deepStrictEqual(rest, {
        id: `0x${id}`,
        ask: {
          slots: 3,
          slotSize: 65_536,
          duration: 100,
          proofProbability: "10",
          pricePerBytePerSecond: "1",
          collateralPerByte: "0",
          maxSlotLoss: 1,
          reward: "65536",
        },
        expiry: 1_700_000_050,
      })
    }).pipe(inWorld),
  )

  it.effect("asks for three slots of which one may be lost when nodes and tolerance are left out", () =>
    Effect.gen(function* () {
      const { node, cid } = yield* newClient()
      const { collateralPerByte: _, nodes: __, tolerance: ___, ...needed } = terms
      const { text: id } = yield* ask(node, request(cid, needed))
      const { request: made } = JSON.parse((yield* ask(node, { path: `/storage/purchases/${id}` })).text)
      assert.deepInclude(made.ask, { slots: 3, maxSlotLoss: 1 })
    }).pipe(inWorld),
  )

  it.effect("takes decimal and 0x strings for all numbers", () =>
    Effect.gen(function* () {
      const { node, cid } = yield* newClient()
      const texts = { duration: "100", nodes: "0x3", tolerance: "1", expiry: "0x32", proofProbability: 10 }
      assert.strictEqual((yield* ask(node, request(cid, { ...terms, ...texts }))).status, 200)
    }).pipe(inWorld),
  )

  const ratio = "Invalid parameters: parameters must satify `1 < (nodes - tolerance) ≥ tolerance`"
  const early = "Expiry must be greater than zero and less than the request's duration"
  it.effect.each<[change: object, sentence: string | RegExp]>([
    [{ expiry: 0 }, early],
    [{ expiry: 100 }, early],
    [{ expiry: "101" }, early],
    [{ duration: 0 }, "Duration must be greater than zero"],
    [{ proofProbability: "0" }, "Proof probability must be greater than zero"],
    [{ collateralPerByte: "0" }, "Collateral per byte must be greater than zero"],
    [{ pricePerBytePerSecond: "0" }, "Price per byte per second must be greater than zero"],
    [{ duration: `${2n ** 32n}` }, "Duration must be at most 4294967295"],
    [{ duration: `${2n ** 256n - 1n}`, expiry: `${2n ** 256n - 2n}` }, "Duration must be at most 4294967295"],
    [{ pricePerBytePerSecond: `${2n ** 128n}` }, `Price per byte per second must be at most ${2n ** 128n - 1n}`],
    [{ tolerance: 4 }, "Invalid parameters: `tolerance` cannot be greater than `nodes`"],
    [{ nodes: 0, tolerance: 0 }, ratio],
    [{ nodes: 1, tolerance: 0 }, ratio],
    [{ nodes: 1, tolerance: 1 }, ratio],
    [{ tolerance: 2 }, ratio],
    [{ nodes: 256 }, "Invalid parameters: `nodes` cannot be greater than 255"],
    [{ nodes: `${2n ** 255n}` }, "Invalid parameters: `nodes` cannot be greater than 255"],
  ])("answers terms that cannot be met, %j, with 422 and what is wrong", ([change, sentence]) =>
    Effect.gen(function* () {
      const { node, cid } = yield* newClient()
      yield* refuses(node, request(cid, { ...terms, ...change }), 422, sentence)
    }).pipe(inWorld),
  )

  it.effect.each<[body: unknown, sentence: RegExp]>([
    ["{", /^The body is not right: expected a valid JSON string\.$/],
    [{}, /^The body is not right at duration: missing key\.$/],
    [{ ...terms, expiry: undefined }, /^The body is not right at expiry: missing key\.$/],
    [{ ...terms, duration: -1 }, /^The body is not right at duration: expected a whole number/],
    [{ ...terms, nodes: 2.5 }, /^The body is not right at nodes: expected a whole number/],
    [{ ...terms, proofProbability: "10%" }, /^The body is not right at proofProbability: expected a whole number/],
    [{ ...terms, duration: "9".repeat(78) }, /^The body is not right at duration: expected a whole number/],
    [{ ...terms, expiry: [1] }, /^The body is not right at expiry: expected a whole number/],
  ])("answers a body that cannot be read, %j, with 400 and where", ([body, sentence]) =>
    Effect.gen(function* () {
      const { node, cid } = yield* newClient()
      yield* refuses(node, request(cid, body), 400, sentence)
    }).pipe(inWorld),
  )

  it.effect.each<[change: object, sentence: RegExp]>([
    [{}, /^The request costs 19660800 token base units, but the account has only 19660799 to spend/],
    [{ duration: 5, expiry: 4 }, /^The request lasts 5 seconds, less than a period of 10/],
    [{ duration: 2 ** 32 - 1 }, /^The request costs 844424929935360 token base units/],
    [{ pricePerBytePerSecond: `${2n ** 112n}` }, /^The reward is more than the contract can count/],
    [{ pricePerBytePerSecond: `${2n ** 128n - 1n}` }, /^The reward is more than the contract can count/],
    [
      { proofProbability: `${2n ** 64n}` },
      /^A proof probability of 18446744073709551616 is more than the contract can/,
    ],
    [{ proofProbability: `${2n ** 256n - 1n}` }, /^A proof probability of \d+ is more than the contract can count/],
  ])("sends no request that the account cannot pay or the contract not count: %j", ([change, sentence]) =>
    Effect.gen(function* () {
      const { node, cid } = yield* newClient({ tokens: price - 1n })
      const body = { ...terms, ...change }
      yield* refuses(node, request(cid, body), 422, sentence)
      assert.strictEqual((yield* ask(node, { path: "/storage/purchases" })).text, "[]")
    }).pipe(inWorld),
  )

  it.effect("asks for a dataset that is here", () =>
    Effect.gen(function* () {
      const { node, cid } = yield* newClient()
      const unknown = "bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"
      yield* refuses(
        node,
        request(unknown, terms),
        404,
        `Dataset ${unknown} is not complete at this node; upload it first.`,
      )
      yield* refuses(node, request("foo", terms), 400, /^Incorrect Cid: "foo"/)
      const { text: id } = yield* ask(node, request(cid, terms))
      const { request: made } = JSON.parse((yield* ask(node, { path: `/storage/purchases/${id}` })).text)
      yield* until(
        "the request is on the chain",
        Effect.map(ask(node, { path: `/storage/purchases/${id}` }), ({ text }) => text.includes("submitted")),
      )
      yield* refuses(node, request(made.content.cid, terms), 422, /is not a manifest that can be used/)
    }).pipe(inWorld),
  )

  it.effect("does not ask for a dataset of which a block was lost", () =>
    Effect.gen(function* () {
      const { node, cid } = yield* newClient()
      yield* ask(node, { method: "DELETE", path: `/data/${cid}` })
      yield* refuses(node, request(cid, terms), 404, `Dataset ${cid} is not complete at this node; upload it first.`)
    }).pipe(inWorld),
  )

  it.effect("says that the chain does not answer", () =>
    Effect.gen(function* () {
      const reason = new Unreachable({ url: "http://127.0.0.1:1", detail: "connection refused" })
      const down = Effect.fail(new ChainError({ reason }))
      const { node, cid } = yield* newClient({
        tokens: price,
        market: (works) => ({ ...works, config: down, tokens: () => down }),
      })
      const sentence = /^The chain at http:\/\/127\.0\.0\.1:1 does not answer/
      yield* refuses(node, request(cid, terms), 503, sentence)
      yield* refuses(node, { path: "/debug/info" }, 503, sentence)
    }).pipe(inWorld),
  )
})

describe("GET /storage/purchases/{id}", () => {
  it.effect("knows only purchases of this client", () =>
    Effect.gen(function* () {
      const { node } = yield* newClient()
      const path = (id: string) => ({ path: `/storage/purchases/${id}` })
      yield* refuses(node, path(zeros), 404, `This client made no purchase 0x${zeros}.`)
      yield* refuses(node, path("hello"), 400, /^"hello" is not a request id: it takes 64 hex digits/)
      yield* refuses(node, path(`0x0x${zeros.slice(2)}`), 400, /is not a request id: it takes 64 hex digits/)
      yield* refuses(node, path("%ff"), 404, /^There is no GET .*%ff here; \/openapi\.json lists what there is\.$/)
    }).pipe(inWorld),
  )
})

it.effect.each([
  { path: "/storage/purchases" },
  { path: `/storage/purchases/${zeros}` },
  request("bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy", terms),
])("a node that is no client says so: %j", (call) =>
  Effect.gen(function* () {
    const sentence = "This node is not a client; start it with --roles client."
    yield* refuses(yield* newNode(["host"]), call, 503, sentence)
    yield* refuses(yield* newNode([]), call, 503, sentence)
  }).pipe(inWorld),
)
