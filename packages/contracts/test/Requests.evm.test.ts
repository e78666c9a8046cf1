import { readFileSync } from "node:fs"
import { assert, layer } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { MaxUint256 } from "ethers"
import { Bed, names, onBed, reasonOf } from "./Bed.ts"
import { price, pricePerSlot, requestId, slotId, type TestRequest, vector } from "./TestRequest.ts"

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

  it.effect("stores what was asked for, to the last field", () =>
    onBed(function* (bed) {
      const { id, request } = yield* bed.requested()
      const { ask, client, content, expiry, nonce } = request
      const stored = [
        expiry,
        nonce,
        Object.values(ask),
        [content.cid, [content.erasure.totalChunks], Object.values(content.por)],
      ]
      const [storedClient, storedAsk, storedContent, ...rest] = yield* bed.fields("getRequest", id)
      assert.deepEqual([...rest, storedAsk, storedContent], stored)
      assert.strictEqual(String(storedClient).toLowerCase(), client)
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
      const logs = yield* post(bed, vector)
      assert.strictEqual(logs[1]?.args[0], id)
      for (const index of [0n, 1n]) {
        const [, filled] = yield* bed.send(bed.host, "fillSlot", id, index, "0x01")
        assert.deepStrictEqual(filled?.args, [id, index, slots[Number(index)]])
      }
    }),
  )

  for (const [index, { request, requestId }] of vectors.entries())
    it.effect(`identifies vector ${index}`, () =>
      onBed(function* (bed) {
        const logs = yield* post(bed, request)
        assert.strictEqual(logs.at(-1)?.args[0], requestId)
      }),
    )

  it.effect("is refused for another client", () =>
    onBed(function* (bed) {
      const { request } = yield* bed.newRequest()
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "requestStorage", request)), "Invalid client address")
    }),
  )

  it.effect("is refused a second time", () =>
    onBed(function* (bed) {
      const { request } = yield* bed.requested()
      assert.strictEqual(yield* reasonOf(bed.send(bed.client, "requestStorage", request)), "Request already exists")
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
    }),
  )

  it.effect("is refused when the token answers false", () =>
    onBed(function* (bed) {
      const { request } = yield* bed.newRequest()
      yield* bed.breakToken
      assert.strictEqual(yield* reasonOf(bed.send(bed.client, "requestStorage", request)), "Transfer failed")
    }),
  )

  it.effect("accepts terms that make no sense", () =>
    onBed(function* (bed) {
      const now = yield* bed.now
      yield* bed.requested({ slots: 0n })
      yield* bed.requested({ duration: 0n })
      yield* bed.requested({ reward: 0n })
      yield* bed.requested({ proofProbability: 0n })
      yield* bed.requested({ slots: 1n, maxSlotLoss: maxUint64 })
      yield* bed.requested({ duration: 10n }, { expiry: now + 100_000n })
      assert.strictEqual((yield* bed.fieldsAs(bed.client, "myRequests")).length, 6)
    }),
  )

  it.effect("panics where a price or an end leaves 256 bits", () =>
    onBed(function* (bed) {
      for (const ask of [
        { reward: MaxUint256, duration: 2n },
        { duration: MaxUint256, reward: 0n },
      ]) {
        const { request } = yield* bed.newRequest(ask)
        assert.match(yield* reasonOf(bed.send(bed.client, "requestStorage", request)), /overflow/)
      }
    }),
  )
})

layer(Bed.layer())("the state of a request", (it) => {
  it.effect("is unknown before it is posted", () =>
    onBed(function* (bed) {
      const { id } = yield* bed.newRequest()
      for (const view of ["getRequest", "requestState", "requestEnd"])
        assert.strictEqual(yield* reasonOf(bed.view(view, id)), "Unknown request")
    }),
  )

  it.effect("- to New: requestStorage", () =>
    onBed(function* (bed) {
      const { id } = yield* bed.requested()
      assert.strictEqual(yield* bed.requestState(id), "New")
    }),
  )

  it.effect("New to Started: the fill that completes the slots, up to the second of the expiry", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested({ slots: 2n })
      yield* bed.fill(bed.host, made, 0n)
      assert.strictEqual(yield* bed.requestState(made.id), "New")
      yield* bed.at(made.request.expiry)
      yield* bed.fill(bed.otherHost, made, 1n)
      assert.strictEqual(yield* bed.requestState(made.id), "Started")
      yield* bed.goTo(made.request.expiry + 1n)
      assert.strictEqual(yield* bed.requestState(made.id), "Started")
    }),
  )

  it.effect("New to Cancelled: strictly after the expiry, or at once if that has passed", () =>
    onBed(function* (bed) {
      const { id, request } = yield* bed.requested()
      yield* bed.goTo(request.expiry)
      assert.strictEqual(yield* bed.requestState(id), "New")
      yield* bed.goTo(request.expiry + 1n)
      assert.strictEqual(yield* bed.requestState(id), "Cancelled")

      const late = yield* bed.requested({}, { expiry: yield* bed.now })
      assert.strictEqual(yield* bed.requestState(late.id), "Cancelled")
    }),
  )

  it.effect("New to Cancelled, for good: withdrawFunds", () =>
    onBed(function* (bed) {
      const { id, request } = yield* bed.requested()
      yield* bed.at(request.expiry + 1n)
      yield* bed.send(bed.client, "withdrawFunds", id)
      assert.strictEqual(yield* bed.requestState(id), "Cancelled")
    }),
  )

  it.effect("Cancelled to Finished: payout of a slot (known limit)", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      yield* bed.fill(bed.host, made)
      yield* bed.goTo(made.request.expiry + 1n)
      yield* bed.send(bed.host, "freeSlot", made.slot)
      assert.strictEqual(yield* bed.requestState(made.id), "Finished")
    }),
  )

  it.effect("Started to Failed: too many slots freed", () =>
    onBed(function* (bed) {
      const made = yield* bed.started({ maxSlotLoss: 0n })
      yield* bed.send(bed.host, "freeSlot", made.slot)
      assert.strictEqual(yield* bed.requestState(made.id), "Failed")
    }),
  )

  it.effect("Started to Finished: strictly after the end", () =>
    onBed(function* (bed) {
      const { id } = yield* bed.started()
      const end = yield* bed.count("requestEnd", id)
      yield* bed.goTo(end)
      assert.strictEqual(yield* bed.requestState(id), "Started")
      yield* bed.goTo(end + 1n)
      assert.strictEqual(yield* bed.requestState(id), "Finished")
    }),
  )

  it.effect("Finished, for good: first payout", () =>
    onBed(function* (bed) {
      const { id, slot } = yield* bed.started()
      yield* bed.goTo((yield* bed.count("requestEnd", id)) + 1n)
      yield* bed.send(bed.host, "freeSlot", slot)
      assert.strictEqual(yield* bed.requestState(id), "Finished")
    }),
  )
})

layer(Bed.layer())("requestEnd", (it) => {
  it.effect("is the time of the request plus its duration, also once it has started", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested({ slots: 1n })
      const end = (yield* bed.now) + made.request.ask.duration
      assert.strictEqual(yield* bed.view("requestEnd", made.id), end)
      yield* bed.goTo((yield* bed.now) + 100n)
      yield* bed.fill(bed.host, made)
      assert.strictEqual(yield* bed.view("requestEnd", made.id), end)
    }),
  )

  it.effect("is a second ago after cancelling, until the planned end", () =>
    onBed(function* (bed) {
      const { id, request } = yield* bed.requested()
      const end = yield* bed.count("requestEnd", id)
      for (const now of [request.expiry + 1n, request.expiry + 50n]) {
        yield* bed.goTo(now)
        assert.strictEqual(yield* bed.view("requestEnd", id), now - 1n)
      }
      yield* bed.goTo(end + 50n)
      assert.strictEqual(yield* bed.view("requestEnd", id), end)
    }),
  )

  it.effect("is the second before the failure, and stays there", () =>
    onBed(function* (bed) {
      const { id, slot } = yield* bed.started({ maxSlotLoss: 0n })
      yield* bed.send(bed.host, "freeSlot", slot)
      const failedAt = yield* bed.now
      assert.strictEqual(yield* bed.view("requestEnd", id), failedAt - 1n)
      yield* bed.goTo(failedAt + 100n)
      assert.strictEqual(yield* bed.view("requestEnd", id), failedAt - 1n)
    }),
  )

  it.effect("stays the planned end after finishing", () =>
    onBed(function* (bed) {
      const { id, slot } = yield* bed.started()
      const end = yield* bed.count("requestEnd", id)
      yield* bed.goTo(end + 1n)
      assert.strictEqual(yield* bed.view("requestEnd", id), end)
      yield* bed.at(end + 100n)
      yield* bed.send(bed.host, "freeSlot", slot)
      assert.strictEqual(yield* bed.view("requestEnd", id), end)
    }),
  )
})

layer(Bed.layer())("withdrawFunds", (it) => {
  it.effect("announces the cancellation and pays the whole price back", () =>
    onBed(function* (bed) {
      const before = yield* bed.tokens(bed.client)
      const made = yield* bed.requested()
      yield* bed.fill(bed.host, made)
      yield* bed.at(made.request.expiry + 1n)
      const logs = yield* bed.send(bed.client, "withdrawFunds", made.id)
      assert.deepStrictEqual(names(logs), ["RequestCancelled", "Transfer"])
      assert.deepStrictEqual(logs[0]?.args, [made.id])
      assert.strictEqual(yield* bed.tokens(bed.client), before)
    }),
  )

  it.effect("is refused up to the second of the expiry", () =>
    onBed(function* (bed) {
      const { id, request } = yield* bed.requested()
      yield* bed.at(request.expiry)
      assert.strictEqual(yield* reasonOf(bed.send(bed.client, "withdrawFunds", id)), "Request not yet timed out")
    }),
  )

  it.effect("is refused to anybody but the client, and for an unknown id", () =>
    onBed(function* (bed) {
      const { id, request } = yield* bed.requested()
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "withdrawFunds", id)), "Request not yet timed out")
      yield* bed.goTo(request.expiry + 1n)
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "withdrawFunds", id)), "Invalid client address")
      const { id: unknown } = yield* bed.newRequest()
      assert.strictEqual(yield* reasonOf(bed.send(bed.client, "withdrawFunds", unknown)), "Invalid client address")
    }),
  )

  it.effect("is refused when the request has started, and a second time", () =>
    onBed(function* (bed) {
      const begun = yield* bed.started()
      const cancelled = yield* bed.requested()
      yield* bed.goTo(cancelled.request.expiry + 1n)
      assert.strictEqual(yield* reasonOf(bed.send(bed.client, "withdrawFunds", begun.id)), "Invalid state")
      yield* bed.send(bed.client, "withdrawFunds", cancelled.id)
      assert.strictEqual(yield* reasonOf(bed.send(bed.client, "withdrawFunds", cancelled.id)), "Invalid state")
    }),
  )

  it.effect("is refused once a host has taken its pay out of the cancelled request (known limit)", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      yield* bed.fill(bed.host, made)
      yield* bed.goTo(made.request.expiry + 1n)
      yield* bed.send(bed.host, "freeSlot", made.slot)
      assert.strictEqual(yield* reasonOf(bed.send(bed.client, "withdrawFunds", made.id)), "Invalid state")
    }),
  )

  it.effect("is refused when the token answers false", () =>
    onBed(function* (bed) {
      const { id, request } = yield* bed.requested()
      yield* bed.goTo(request.expiry + 1n)
      yield* bed.breakToken
      assert.strictEqual(yield* reasonOf(bed.send(bed.client, "withdrawFunds", id)), "Withdraw failed")
    }),
  )
})

layer(Bed.layer())("myRequests", (it) => {
  it.effect("names the caller's own requests", () =>
    onBed(function* (bed) {
      const made = [yield* bed.requested(), yield* bed.requested()]
      assert.deepEqual(yield* bed.fieldsAs(bed.client, "myRequests"), [made[0]?.id, made[1]?.id])
      assert.deepEqual(yield* bed.fieldsAs(bed.host, "myRequests"), [])
    }),
  )

  it.effect("keeps cancelled, failed and finished requests, and drops them on withdrawal or first payout", () =>
    onBed(function* (bed) {
      const mine = bed.fieldsAs(bed.client, "myRequests")
      const cancelled = yield* bed.requested({ slots: 2n })
      const failed = yield* bed.started({ slots: 1n, maxSlotLoss: 0n })
      yield* bed.send(bed.host, "freeSlot", failed.slot)
      const finished = yield* bed.started()
      yield* bed.goTo((yield* bed.count("requestEnd", finished.id)) + 1n)
      assert.deepEqual(yield* mine, [cancelled.id, failed.id, finished.id])

      yield* bed.send(bed.client, "withdrawFunds", cancelled.id)
      assert.deepEqual(yield* mine, [finished.id, failed.id])
      yield* bed.send(bed.host, "freeSlot", finished.slot)
      assert.deepEqual(yield* mine, [failed.id])
      assert.strictEqual(pricePerSlot(finished.request), 3600n * 84n)
    }),
  )
})
