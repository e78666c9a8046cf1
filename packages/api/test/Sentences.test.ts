import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  type ApiError,
  BadRequest,
  Conflict,
  Internal,
  NotFound,
  type PurchaseTerms,
  Unavailable,
  Unprocessable,
} from "../src/index.ts"
import { serve } from "./served.ts"

const message = "Nothing of this was done: 1 < (nodes - tolerance) ≥ tolerance."
const terms: PurchaseTerms = { duration: 60n, expiry: 30n, pricePerBytePerSecond: 1n, proofProbability: 2n }
const json = { duration: 60, expiry: "30", pricePerBytePerSecond: "1", proofProbability: "0x2" }

describe("an error", () => {
  it.effect.each<[status: number, error: ApiError]>([
    [400, new BadRequest({ message })],
    [404, new NotFound({ message })],
    [409, new Conflict({ message })],
    [422, new Unprocessable({ message })],
    [500, new Internal({ message })],
    [503, new Unavailable({ message })],
  ])("travels as status %i and its sentence, and comes back as what it was", ([status, error]) =>
    Effect.gen(function* () {
      const { client, send } = yield* serve({ purchaseIds: Effect.fail(error) })
      assert.deepStrictEqual(yield* send("/storage/purchases"), { status, type: "text/plain", text: message })
      const back = yield* Effect.flip(client.purchaseIds())
      assert.strictEqual(back.constructor, error.constructor)
      assert.strictEqual(back.message, message)
    }),
  )
})

/** Takes just these terms. */
const requestStorage = (cid: string, given: PurchaseTerms) =>
  Effect.sync(() => {
    assert.deepStrictEqual(given, terms)
    return cid
  })

describe("a body", () => {
  it.effect.each<Record<string, string>>([
    { "content-type": "application/json" },
    { "content-type": "Application/JSON; charset=utf-8" },
    { "content-type": "text/plain" },
    { "content-type": "text/plain;charset=UTF-8" },
    { "content-type": "application/x-www-form-urlencoded" },
  ])("is accepted under %j", (headers) =>
    Effect.gen(function* () {
      const { send } = yield* serve({ requestStorage })
      const answer = yield* send("/storage/request/abc", { method: "POST", headers, body: JSON.stringify(json) })
      assert.deepStrictEqual(answer, { status: 200, type: "text/plain", text: "abc" })
    }),
  )

  it.effect("is accepted without a content type", () =>
    Effect.gen(function* () {
      const { send } = yield* serve({ requestStorage })
      const body = new TextEncoder().encode(JSON.stringify(json))
      assert.strictEqual((yield* send("/storage/request/abc", { method: "POST", body })).text, "abc")
    }),
  )

  it.effect("is what the typed client sends, too", () =>
    Effect.gen(function* () {
      const { client } = yield* serve({ requestStorage })
      assert.strictEqual(yield* client.requestStorage({ params: { cid: "abc" }, payload: terms }), "abc")
    }),
  )

  it.effect.each<[body: string, sentence: string]>([
    ["{", "The body is not right: expected a valid JSON string."],
    ["[]", "The body is not right: expected object."],
    ["{}", "The body is not right at duration: missing key."],
    [
      JSON.stringify({ ...json, expiry: "soon" }),
      'The body is not right at expiry: expected a whole number below 2^256, such as 12, "12" or "0xc" (from 2^53 on in quotes).',
    ],
    [" ".repeat(1_048_577), "The body is too large; at most 1048576 bytes are read."],
  ])("that cannot be read is answered with 400 and one sentence: %#", ([body, text]) =>
    Effect.gen(function* () {
      const { send } = yield* serve({})
      const answer = yield* send("/storage/request/abc", { method: "POST", body })
      assert.deepStrictEqual(answer, { status: 400, type: "text/plain", text })
    }),
  )
})

describe("a defect", () => {
  const text = "The node could not answer because of a defect; its log has more."

  it.effect("is answered with 500 and a sentence that gives nothing away", () =>
    Effect.gen(function* () {
      const { client, send } = yield* serve({ purchaseIds: Effect.die(new Error("a secret")) })
      assert.deepStrictEqual(yield* send("/storage/purchases"), { status: 500, type: "text/plain", text })
      assert.instanceOf(yield* Effect.flip(client.purchaseIds()), Internal)
    }),
  )
})
