import { assert, describe, it } from "@effect/vitest"
import { ChainError, Unreachable } from "@pecia/market"
import { Effect } from "effect"
import { inWorld, until } from "../MemoryWorld.ts"
import { ask, newNode, refuses } from "./Rest.ts"

const zeros = "0".repeat(64)
const terms = { duration: 100, expiry: 50, proofProbability: "10", maxPricePerBytePerSecond: "2", nodes: 3 }
/** What three slots of one block may cost. */
const price = 3n * 65_536n * 2n * 100n
const auction = (cid: string, body: unknown) => ({ method: "POST", path: `/storage/auctions/${cid}`, body })
const read = (text: string) => JSON.parse(text)

const newClient = Effect.fnUntraced(function* (options: Parameters<typeof newNode>[1] = { tokens: price }) {
  const node = yield* newNode(["client"], options)
  const { text: cid } = yield* ask(node, { method: "POST", path: "/data", body: new Uint8Array(120_000).fill(7) })
  return { node, cid }
})

describe("POST /storage/auctions/{cid}", () => {
  it.effect("answers 201 and an id for each slot, in the order of the slots", () =>
    Effect.gen(function* () {
      const { node, cid } = yield* newClient()
      const { status, headers, text } = yield* ask(node, auction(cid, terms))
      assert.strictEqual(status, 201)
      assert.strictEqual(headers.get("content-type"), "application/json")
      const ids: ReadonlyArray<string> = read(text)
      assert.lengthOf(new Set(ids), 3)
      for (const [index, id] of ids.entries()) {
        assert.match(id, /^0x[0-9a-f]{64}$/)
        const found = yield* Effect.forEach([id, id.slice(2), id.slice(2).toUpperCase()], (form) =>
          Effect.map(ask(node, { path: `/storage/auctions/${form}` }), ({ text }) => text),
        )
        assert.lengthOf(new Set(found), 1)
        assert.deepInclude(read(found[0] ?? ""), { requestId: id, slotIndex: index })
      }
      const all = read((yield* ask(node, { path: "/storage/auctions" })).text)
      assert.deepStrictEqual(
        all.map(({ requestId }: { readonly requestId: string }) => requestId),
        ids,
      )
    }).pipe(inWorld),
  )

  it.effect("shows an auction in the numbers and texts that clients expect", () =>
    Effect.gen(function* () {
      const { node, cid } = yield* newClient()
      const [id] = read((yield* ask(node, auction(cid, terms))).text)
      const shown = Effect.map(ask(node, { path: `/storage/auctions/${id}` }), ({ text }) => read(text))
      yield* until(
        "the request is on the chain",
        Effect.map(shown, ({ state }) => state === "open"),
      )
      const { request, dataset, ...rest } = yield* shown
      const { client, contentHash, nonce, ...numbers } = request
      assert.deepStrictEqual(rest, {
        requestId: id,
        state: "open",
        error: null,
        slotIndex: 0,
        offers: 0,
        selected: null,
      })
      assert.match(dataset, /^baf/)
      assert.match(client, /^0x[0-9a-f]{40}$/)
      assert.match(contentHash, /^0x[0-9a-f]{64}$/)
      assert.match(nonce, /^0x[0-9a-f]{64}$/)
      assert.deepStrictEqual(numbers, {
        size: 65_536,
        duration: 100,
        proofProbability: "10",
        maxPrice: `${65_536n * 2n * 100n}`,
        expiry: 1_700_000_050,
      })
    }).pipe(inWorld),
  )

  it.effect(
    "asks for three slots when nodes is left out, takes numbers in each of their forms, and a single slot",
    () =>
      Effect.gen(function* () {
        const { node, cid } = yield* newClient({ tokens: 2n * price })
        const { nodes: _, ...needed } = terms
        assert.lengthOf(read((yield* ask(node, auction(cid, needed))).text), 3)
        const texts = {
          duration: "0x64",
          expiry: "10",
          proofProbability: 10,
          maxPricePerBytePerSecond: "0x1",
          nodes: "1",
        }
        assert.lengthOf(read((yield* ask(node, auction(cid, texts))).text), 1)
      }).pipe(inWorld),
  )

  it.effect.each<[change: object, sentence: string]>([
    [{ duration: 0 }, "Duration must be greater than zero"],
    [{ duration: `${2n ** 32n}` }, "Duration must be at most 4294967295"],
    [{ expiry: 0 }, "Expiry must be at least 10 seconds"],
    [{ expiry: 9 }, "Expiry must be at least 10 seconds"],
    [{ expiry: 2_592_001 }, "Expiry must be at most 2592000 seconds, which is 30 days"],
    [{ expiry: `${2n ** 40n}` }, "Expiry must be at most 2592000 seconds, which is 30 days"],
    [{ proofProbability: "0" }, "Proof probability must be greater than zero"],
    [{ maxPricePerBytePerSecond: "0" }, "Maximum price per byte per second must be greater than zero"],
    [
      { maxPricePerBytePerSecond: `${2n ** 128n}` },
      `Maximum price per byte per second must be at most ${2n ** 128n - 1n}`,
    ],
    [{ nodes: 0 }, "Invalid parameters: `nodes` must be greater than zero"],
    [{ nodes: 256 }, "Invalid parameters: `nodes` cannot be greater than 255"],
  ])("answers terms that cannot be met, %j, with 422 and what is wrong", ([change, sentence]) =>
    Effect.gen(function* () {
      const { node, cid } = yield* newClient()
      yield* refuses(node, auction(cid, { ...terms, ...change }), 422, sentence)
    }).pipe(inWorld),
  )

  it.effect.each<[body: unknown, sentence: RegExp]>([
    ["{", /^The body is not right: expected a valid JSON string\.$/],
    [{}, /^The body is not right at duration: missing key\.$/],
    [{ ...terms, maxPricePerBytePerSecond: undefined }, /at maxPricePerBytePerSecond: missing key\.$/],
    [{ ...terms, expiry: -1 }, /^The body is not right at expiry: expected a whole number/],
    [{ ...terms, nodes: 2.5 }, /^The body is not right at nodes: expected a whole number/],
    [{ ...terms, proofProbability: "10%" }, /^The body is not right at proofProbability: expected a whole number/],
  ])("answers a body that cannot be read, %j, with 400 and where", ([body, sentence]) =>
    Effect.gen(function* () {
      const { node, cid } = yield* newClient()
      yield* refuses(node, auction(cid, body), 400, sentence)
    }).pipe(inWorld),
  )

  it.effect.each<[change: object, sentence: RegExp]>([
    [{}, /^The auctions may cost 39321600 token base units, but the account has only 39321599 to spend/],
    [{ maxPricePerBytePerSecond: `${2n ** 112n}` }, /maximum price|more than the/i],
    [{ proofProbability: `${2n ** 64n}` }, /proof probability/i],
  ])("asks for nothing that the account cannot pay or the contract not count: %j", ([change, sentence]) =>
    Effect.gen(function* () {
      const { node, cid } = yield* newClient({ tokens: price - 1n })
      const call = auction(cid, { ...terms, ...change })
      yield* refuses(node, call, 422, sentence)
      assert.strictEqual((yield* ask(node, { path: "/storage/auctions" })).text, "[]")
    }).pipe(inWorld),
  )

  it.effect("asks for a dataset that is here", () =>
    Effect.gen(function* () {
      const { node } = yield* newClient()
      const unknown = "bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"
      const missing = `Dataset ${unknown} is not complete at this node; upload it first.`
      yield* refuses(node, auction(unknown, terms), 404, missing)
      yield* refuses(node, auction("foo", terms), 400, /^Incorrect Cid: "foo"/)
    }).pipe(inWorld),
  )

  it.effect("says that there is no room for what names the slots", () =>
    Effect.gen(function* () {
      const node = yield* newNode(["client"], { tokens: price, quotaBytes: 131_072n })
      const file = new Uint8Array(131_072).map((_, index) => index % 251)
      const { text: cid } = yield* ask(node, { method: "POST", path: "/data", body: file })
      const call = auction(cid, terms)
      yield* refuses(node, call, 422, /^Not enough storage quota\. /)
    }).pipe(inWorld),
  )

  it.effect("says that the chain does not answer", () =>
    Effect.gen(function* () {
      const reason = new Unreachable({ url: "http://127.0.0.1:1", detail: "connection refused" })
      const down = Effect.fail(new ChainError({ reason }))
      const { node, cid } = yield* newClient({
        tokens: price,
        offerMarket: (works) => ({ ...works, config: down, tokens: () => down, collateral: () => down }),
      })
      const sentence = /^The chain at http:\/\/127\.0\.0\.1:1 does not answer/
      assert.strictEqual((yield* ask(node, auction(cid, terms))).status, 503)
      yield* refuses(node, auction(cid, terms), 503, sentence)
      yield* refuses(node, { path: "/debug/info" }, 503, sentence)
    }).pipe(inWorld),
  )
})

it.effect("knows only auctions of this client", () =>
  Effect.gen(function* () {
    const { node } = yield* newClient()
    const path = (id: string) => ({ path: `/storage/auctions/${id}` })
    yield* refuses(node, path(zeros), 404, `This client opened no auction 0x${zeros}.`)
    yield* refuses(node, path("hello"), 400, /^"hello" is not a request id: it takes 64 hex digits/)
  }).pipe(inWorld),
)

const calls = [
  { path: "/storage/auctions" },
  { path: `/storage/auctions/${zeros}` },
  auction("bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy", terms),
]

it.effect.each(calls)("a node that is no client says so: %j", (call) =>
  Effect.gen(function* () {
    const sentence = "This node is not a client; start it with --roles client."
    yield* refuses(yield* newNode(["host"]), call, 503, sentence)
    yield* refuses(yield* newNode([]), call, 503, sentence)
  }).pipe(inWorld),
)

it.effect.each(calls)("a client without an offer market says so: %j", (call) =>
  Effect.gen(function* () {
    yield* refuses(yield* newNode(["client"], { offers: false }), call, 503, /^There is no offer market here: /)
  }).pipe(inWorld),
)
