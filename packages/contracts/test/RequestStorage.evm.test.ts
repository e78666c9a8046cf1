import { readFileSync } from "node:fs"
import { assert, layer } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { MaxUint256 } from "ethers"
import { Bed, names, onBed, reasonOf } from "./Bed.ts"
import { price, requestId, slotId, type TestRequest, vector } from "./TestRequest.ts"

const maxUint64 = 2n ** 64n - 1n

const Bigint = Schema.BigIntFromString
const Ask = { slots: Bigint, slotSize: Bigint, duration: Bigint, proofProbability: Bigint, reward: Bigint }
const Vector = Schema.Struct({
  request: Schema.Struct({
    client: Schema.String,
    ask: Schema.Struct({ ...Ask, maxSlotLoss: Bigint }),
    content: Schema.Struct({
      cid: Schema.String,
      erasure: Schema.Struct({ totalChunks: Bigint }),
      por: Schema.Struct({ u: Schema.String, publicKey: Schema.String, name: Schema.String }),
    }),
    expiry: Bigint,
    nonce: Schema.String,
  }),
  requestId: Schema.String,
})
const vectors = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Array(Vector)))(
  readFileSync(new URL("./fixtures/request-ids.json", import.meta.url), "utf8"),
)

/** Makes a stranger's request payable, and posts it. */
const post = Effect.fnUntraced(function* (bed: Bed["Service"], request: TestRequest) {
  yield* bed.devnet.rpc("anvil_setBalance", [request.client, "0xde0b6b3a7640000"])
  yield* bed.fund(request.client, price(request))
  return yield* bed.send(request.client, "requestStorage", request)
})

const atMost = (limit: bigint, value: bigint) => (value < limit ? value : limit)

/** The request with terms that the contract takes. */
const tamed = ({ ask, ...rest }: TestRequest): TestRequest => {
  const slots = atMost(65_535n, ask.slots)
  return {
    ...rest,
    expiry: atMost(1_699_000_000n, rest.expiry),
    ask: {
      ...ask,
      slots,
      slotSize: atMost(maxUint64, ask.slotSize),
      duration: ask.duration || 1n,
      maxSlotLoss: atMost(slots, ask.maxSlotLoss),
    },
  }
}

layer(Bed.layer())("requestStorage", (it) => {
  it.effect("announces the request with its ask after the price has moved", () =>
    onBed(function* (bed) {
      const { id, request } = yield* bed.newRequest()
      const before = yield* bed.tokens(bed.client)
      const logs = yield* bed.send(bed.client, "requestStorage", request)
      assert.deepStrictEqual(names(logs), ["Transfer", "StorageRequested"])
      assert.strictEqual(logs[1]?.args[0], id)
      assert.deepEqual(logs[1]?.args[1], Object.values(request.ask))
      assert.strictEqual(yield* bed.tokens(bed.client), before - price(request))
    }),
  )

  it.effect("identifies the example of the contract's interface, and its slots", () =>
    onBed(function* (bed) {
      const id = "0x798536d92247eba1c39e9a9ac47cf22eeb782067d23c8eacbf8901949a681b87"
      const slots = [
        "0xebf6aedadb3d5e41a80f0195f1c471b1da8c2bc1c3cf3c95029ad9fa09934106",
        "0x4dd8102ab08b1c97bf8a3c89e6bbcdf411dc070437c52a7f6f47b06987307775",
      ]
      assert.deepStrictEqual([requestId(vector), slotId(id, 0n), slotId(id, 1n)], [id, ...slots])
      // it expires later than it ends here, where the chain is younger than the example
      yield* bed.goTo(vector.expiry - 600n)
      const logs = yield* post(bed, vector)
      assert.strictEqual(logs[1]?.args[0], id)
      for (const index of [0n, 1n]) {
        const [, filled] = yield* bed.send(bed.host, "fillSlot", id, index, "0x01")
        assert.deepStrictEqual(filled?.args, [id, index, slots[Number(index)]])
      }
    }),
  )

  for (const [index, { request, requestId: id }] of vectors.entries())
    it.effect(`identifies vector ${index}, with terms that can work`, () =>
      onBed(function* (bed) {
        // the encoder that the contract is compared with is right
        assert.strictEqual(requestId(request), id)
        const logs = yield* post(bed, tamed(request))
        assert.strictEqual(logs.at(-1)?.args[0], requestId(tamed(request)))
      }),
    )

  it.effect("is refused for another client", () =>
    onBed(function* (bed) {
      const { request } = yield* bed.newRequest()
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "requestStorage", request)), "Invalid client address")
    }),
  )

  it.effect("is refused a second time, also when the request is over and refunded", () =>
    onBed(function* (bed) {
      const { id, request } = yield* bed.requested()
      const again = bed.send(bed.client, "requestStorage", request)
      assert.strictEqual(yield* reasonOf(again), "Request already exists")
      yield* bed.goTo(request.expiry + 1n)
      yield* bed.send(bed.client, "withdrawFunds", id)
      assert.strictEqual(yield* reasonOf(again), "Request already exists")
    }),
  )

  it.effect("is refused without the allowance or the tokens", () =>
    onBed(function* (bed) {
      const { request } = yield* bed.newRequest()
      yield* bed.sendToken(bed.client, "approve", bed.marketplace, price(request) - 1n)
      const send = bed.send(bed.client, "requestStorage", request)
      assert.strictEqual(yield* reasonOf(send), "ERC20: insufficient allowance")

      const rich = yield* bed.newRequest({ reward: 1_000_000_000n })
      yield* bed.sendToken(bed.client, "approve", bed.marketplace, MaxUint256)
      const tooMuch = bed.send(bed.client, "requestStorage", rich.request)
      assert.strictEqual(yield* reasonOf(tooMuch), "ERC20: transfer amount exceeds balance")
      assert.strictEqual(yield* reasonOf(bed.view("getRequest", rich.id)), "Unknown request")
      assert.deepStrictEqual(yield* bed.list(bed.client, "myRequests"), [])
    }),
  )

  it.effect("is refused when the token answers false", () =>
    onBed(function* (bed) {
      const { request } = yield* bed.newRequest()
      yield* bed.breakToken
      assert.strictEqual(yield* reasonOf(bed.send(bed.client, "requestStorage", request)), "Transfer failed")
    }),
  )
})

/** What can never work, by what the contract says to it; each list ends with the largest number there is. */
const hopeless: Readonly<Record<string, ReadonlyArray<Partial<TestRequest["ask"]>>>> = {
  "Invalid slots": [
    { slots: 0n, maxSlotLoss: 0n },
    { slots: 65_536n },
    { slots: 65_537n },
    { slots: 131_072n },
    { slots: maxUint64 },
  ],
  "Invalid max slot loss": [
    { slots: 4n, maxSlotLoss: 5n },
    { slots: 1n, maxSlotLoss: 65_536n },
    { slots: 65_535n, maxSlotLoss: maxUint64 },
  ],
  "Invalid duration": [
    { duration: 0n },
    { duration: 2n ** 32n },
    { duration: 2n ** 32n + 3600n },
    { duration: MaxUint256 },
  ],
  "Invalid reward": [{ reward: 2n ** 128n }, { reward: 2n ** 128n + 1n }, { reward: MaxUint256 }],
  "Invalid slot size": [{ slotSize: 2n ** 64n }, { slotSize: 2n ** 64n + 65_536n }, { slotSize: MaxUint256 }],
  "Invalid proof probability": [
    { proofProbability: 2n ** 64n },
    { proofProbability: 2n ** 64n + 1n },
    { proofProbability: MaxUint256 },
  ],
}

layer(Bed.layer())("a request that can never work", (it) => {
  for (const [reason, asks] of Object.entries(hopeless))
    for (const ask of asks)
      it.effect(`is refused: ${reason} (${Object.entries(ask).join("; ")})`, () =>
        onBed(function* (bed) {
          const { id, request } = yield* bed.newRequest(ask)
          assert.strictEqual(yield* reasonOf(bed.send(bed.client, "requestStorage", request)), reason)
          assert.strictEqual(yield* reasonOf(bed.view("getRequest", id)), "Unknown request")
        }),
      )

  it.effect("is refused: Invalid expiry, from the second of the end on (hole 7: expiry after the end)", () =>
    onBed(function* (bed) {
      const createdAt = (yield* bed.now) + 100n
      const expiring = Effect.fnUntraced(function* (expiry: bigint) {
        const { request } = yield* bed.newRequest({}, { expiry })
        yield* bed.at(createdAt)
        return yield* bed.send(bed.client, "requestStorage", request)
      })
      for (const expiry of [createdAt + 3600n, createdAt + 3601n, 2n ** 40n + createdAt, MaxUint256])
        assert.strictEqual(yield* reasonOf(expiring(expiry)), "Invalid expiry")
      yield* expiring(createdAt + 3599n)
    }),
  )

  it.effect("is refused for the first of several reasons", () =>
    onBed(function* (bed) {
      const tooMuch = `0x${"ff".repeat(24_425)}`
      const wrong = {
        "Invalid slots": { slots: 65_536n },
        "Invalid max slot loss": { maxSlotLoss: maxUint64 },
        "Invalid duration": { duration: 2n ** 32n },
        "Invalid expiry": { expiry: MaxUint256 },
        "Invalid reward": { reward: 2n ** 128n },
        "Invalid slot size": { slotSize: 2n ** 64n },
        "Invalid proof probability": { proofProbability: 2n ** 64n },
        "Request too large": { content: { ...vector.content, por: { u: tooMuch, publicKey: "0x", name: "0x" } } },
      }
      const terms = Object.entries(wrong)
      for (const [index, [reason]] of terms.entries()) {
        const {
          content = vector.content,
          expiry = 0n,
          ...ask
        } = Object.fromEntries(terms.slice(index).flatMap(([, term]) => Object.entries(term)))
        const { request } = yield* bed.newRequest(ask, { content, expiry })
        assert.strictEqual(yield* reasonOf(bed.send(bed.client, "requestStorage", request)), reason)
        assert.strictEqual(yield* reasonOf(bed.send(bed.host, "requestStorage", request)), "Invalid client address")
      }
    }),
  )

  it.effect("is refused before it has been paid for", () =>
    onBed(function* (bed) {
      const { request } = yield* bed.newRequest({ slots: 0n }, { client: bed.stranger })
      assert.strictEqual(yield* reasonOf(bed.send(bed.stranger, "requestStorage", request)), "Invalid slots")
    }),
  )
})

layer(Bed.layer())("a request that makes little sense, but can work", (it) => {
  for (const ask of [
    { reward: 0n },
    { proofProbability: 0n },
    { slotSize: 0n },
    { slots: 1n, maxSlotLoss: 1n },
    { slots: 65_535n, maxSlotLoss: 65_535n, reward: 1n, duration: 1000n },
  ])
    it.effect(`is accepted (${Object.entries(ask).join("; ")})`, () =>
      onBed(function* (bed) {
        const { id } = yield* bed.requested(ask)
        assert.strictEqual(yield* bed.requestState(id), "New")
      }),
    )

  it.effect("is accepted with a past expiry, and born cancelled", () =>
    onBed(function* (bed) {
      for (const expiry of [0n, 1n, yield* bed.now]) {
        const made = yield* bed.requested({}, { expiry })
        assert.strictEqual(yield* bed.requestState(made.id), "Cancelled")
        assert.strictEqual(yield* reasonOf(bed.fill(bed.host, made)), "Slot is not free")
        const before = yield* bed.tokens(bed.client)
        yield* bed.send(bed.client, "withdrawFunds", made.id)
        assert.strictEqual(yield* bed.tokens(bed.client), before + price(made.request))
      }
    }),
  )

  it.effect("is accepted with the largest numbers of all, whose price is paid and paid back", () =>
    onBed(function* (bed) {
      const made = yield* bed.newRequest(
        {
          slots: 65_535n,
          slotSize: maxUint64,
          duration: 2n ** 32n - 1n,
          proofProbability: maxUint64,
          reward: 2n ** 128n - 1n,
          maxSlotLoss: 65_535n,
        },
        { client: bed.stranger },
      )
      const due = price(made.request)
      yield* bed.fund(bed.stranger, due)
      yield* bed.send(bed.stranger, "requestStorage", made.request)
      yield* bed.fill(bed.host, made, 65_534n)
      const filledAt = yield* bed.now
      yield* bed.goTo(made.request.expiry + 1n)
      const before = yield* bed.tokens(bed.host)
      yield* bed.send(bed.host, "freeSlot", slotId(made.id, 65_534n))
      yield* bed.send(bed.stranger, "withdrawFunds", made.id)
      const earned = (made.request.expiry - filledAt) * made.request.ask.reward
      assert.strictEqual((yield* bed.tokens(bed.host)) - before, earned)
      assert.strictEqual(yield* bed.tokens(bed.stranger), due - earned)
    }),
  )
})
