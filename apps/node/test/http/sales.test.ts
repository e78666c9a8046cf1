import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { inWorld } from "../MemoryWorld.ts"
import { ask, newNode, refuses } from "./Rest.ts"

const offer = { totalSize: 65_536, duration: 3_600, minPricePerBytePerSecond: "1", totalCollateral: "100" }
const create = (body: unknown, headers = {}) => ({ method: "POST", path: "/sales/availability", body, headers })
const zeros = "0".repeat(64)
const quantity = 'expected a whole number below 2^256, such as 12, "12" or "0xc" (from 2^53 on in quotes).'

describe("POST /sales/availability", () => {
  it.effect("answers 201 and what is on offer, in the numbers and texts that clients expect", () =>
    Effect.gen(function* () {
      const node = yield* newNode(["host"])
      const { status, headers, text } = yield* ask(node, create({ ...offer, totalSize: 2 * 65_536, surplus: 1 }))
      assert.strictEqual(status, 201)
      assert.strictEqual(headers.get("content-type"), "application/json")
      const { id, ...terms } = JSON.parse(text)
      assert.match(id, /^0x[0-9a-f]{64}$/)
      assert.deepStrictEqual(terms, {
        totalSize: 131_072,
        freeSize: 131_072,
        duration: 3_600,
        minPricePerBytePerSecond: "1",
        totalCollateral: "100",
        totalRemainingCollateral: "100",
        enabled: true,
        until: 0,
      })
      const list = yield* ask(node, { path: "/sales/availability" })
      assert.deepStrictEqual(JSON.parse(list.text), [{ id, ...terms }])
      assert.deepStrictEqual(JSON.parse((yield* ask(node, { path: "/space" })).text), {
        totalBlocks: 0,
        quotaMaxBytes: 4_194_304,
        quotaUsedBytes: 0,
        quotaReservedBytes: 131_072,
      })
    }).pipe(inWorld),
  )

  it.effect.each([
    { "content-type": "application/json" },
    { "content-type": "application/json; charset=utf-8" },
    { "content-type": "text/plain" },
    { "content-type": "text/plain;charset=UTF-8" },
    { "content-type": "application/x-www-form-urlencoded" },
  ])("takes the body under %j", (headers) =>
    Effect.gen(function* () {
      const answer = yield* ask(yield* newNode(["host"]), create(JSON.stringify(offer), headers))
      assert.strictEqual(answer.status, 201)
    }).pipe(inWorld),
  )

  it.effect("takes the body without a content type, and numbers in each of their forms", () =>
    Effect.gen(function* () {
      const node = yield* newNode(["host"])
      const body = new TextEncoder().encode(
        JSON.stringify({
          totalSize: "65536",
          duration: "0xe10",
          minPricePerBytePerSecond: 2,
          totalCollateral: "0x64",
          enabled: false,
          until: "1800000000",
        }),
      )
      const { status, text } = yield* ask(node, create(body))
      const { id, ...terms } = JSON.parse(text)
      assert.strictEqual(status, 201)
      assert.deepStrictEqual(terms, {
        totalSize: 65_536,
        freeSize: 65_536,
        duration: 3_600,
        minPricePerBytePerSecond: "2",
        totalCollateral: "100",
        totalRemainingCollateral: "100",
        enabled: false,
        until: 1_800_000_000,
      })
    }).pipe(inWorld),
  )

  it.effect.each<[body: unknown, status: number, sentence: string]>([
    ["{", 400, "The body is not right: expected a valid JSON string."],
    ["", 400, "The body is not right: expected a valid JSON string."],
    ["null", 400, "The body is not right: expected object."],
    [[], 400, "The body is not right: expected object."],
    [{}, 400, "The body is not right at totalSize: missing key."],
    [{ ...offer, duration: undefined }, 400, "The body is not right at duration: missing key."],
    [{ ...offer, totalSize: -1 }, 400, `The body is not right at totalSize: ${quantity}`],
    [{ ...offer, totalSize: 1.5 }, 400, `The body is not right at totalSize: ${quantity}`],
    [{ ...offer, totalSize: 1e300 }, 400, `The body is not right at totalSize: ${quantity}`],
    [{ ...offer, totalSize: "lots" }, 400, `The body is not right at totalSize: ${quantity}`],
    [{ ...offer, totalSize: null }, 400, `The body is not right at totalSize: ${quantity}`],
    [{ ...offer, totalCollateral: "-5" }, 400, `The body is not right at totalCollateral: ${quantity}`],
    [{ ...offer, totalCollateral: "9".repeat(90) }, 400, `The body is not right at totalCollateral: ${quantity}`],
    [{ ...offer, enabled: "yes" }, 400, "The body is not right at enabled: expected boolean."],
    [{ ...offer, totalSize: 0 }, 422, "Total size must be larger then zero"],
    [{ ...offer, duration: 0 }, 422, "duration must be larger then zero"],
    [{ ...offer, minPricePerBytePerSecond: 0 }, 422, "minPricePerBytePerSecond must be larger then zero"],
    [{ ...offer, totalCollateral: "0" }, 422, "totalCollateral must be larger then zero"],
    [{ ...offer, totalSize: `${2n ** 63n}` }, 422, "totalSize must be at most 9223372036854775807"],
    [{ ...offer, duration: `${2n ** 255n}` }, 422, "duration must be at most 9223372036854775807"],
    [{ ...offer, until: `${2n ** 63n}` }, 422, "until must be at most 9223372036854775807"],
    [
      { ...offer, totalSize: 4_194_305 },
      422,
      "Not enough storage quota. 4194305 bytes do not fit: 4194304 bytes of the quota are left. Free some space or raise the quota.",
    ],
  ])("refuses %j", ([body, status, sentence]) =>
    Effect.gen(function* () {
      yield* refuses(yield* newNode(["host"]), create(body), status, sentence)
    }).pipe(inWorld),
  )

  it.effect("refuses a body that is no JSON, or far too large, under application/json too", () =>
    Effect.gen(function* () {
      const node = yield* newNode(["host"])
      const json = { "content-type": "application/json" }
      yield* refuses(node, create("{", json), 400, "The body is not right: expected a valid JSON body.")
      const large = " ".repeat(1_048_577)
      yield* refuses(node, create(large, json), 400, "The body is too large; at most 1048576 bytes are read.")
      yield* refuses(node, create(large), 400, "The body is too large; at most 1048576 bytes are read.")
      yield* refuses(node, create("x", { "content-type": "image/png" }), 415, /content-type: image\/png/)
    }).pipe(inWorld),
  )

  it.effect("takes the largest numbers that can be kept", () =>
    Effect.gen(function* () {
      const largest = { duration: `${2n ** 63n - 1n}`, until: `${2n ** 63n - 1n}` }
      const amounts = { minPricePerBytePerSecond: `${2n ** 256n - 1n}`, totalCollateral: `0x${"f".repeat(64)}` }
      const answer = yield* ask(yield* newNode(["host"]), create({ ...offer, ...largest, ...amounts }))
      assert.strictEqual(answer.status, 201)
      assert.strictEqual(JSON.parse(answer.text).totalCollateral, `${2n ** 256n - 1n}`)
    }).pipe(inWorld),
  )
})

describe("GET /sales", () => {
  it.effect("lists what is on offer, the oldest first, and no slots where none are", () =>
    Effect.gen(function* () {
      const node = yield* newNode(["host"])
      assert.strictEqual((yield* ask(node, { path: "/sales/availability" })).text, "[]")
      const ids = yield* Effect.forEach([1, 2, 3], (blocks) =>
        Effect.map(ask(node, create({ ...offer, totalSize: blocks * 65_536 })), ({ text }) => JSON.parse(text).id),
      )
      const list: ReadonlyArray<{ id: string }> = JSON.parse((yield* ask(node, { path: "/sales/availability" })).text)
      assert.deepStrictEqual(
        list.map(({ id }) => id),
        ids,
      )
      assert.strictEqual((yield* ask(node, { path: "/sales/slots" })).text, "[]")
    }).pipe(inWorld),
  )

  it.effect("reads the id of an availability in any case, with and without 0x", () =>
    Effect.gen(function* () {
      const node = yield* newNode(["host"])
      const { id } = JSON.parse((yield* ask(node, create(offer))).text)
      for (const form of [id, id.slice(2), id.slice(2).toUpperCase(), `0x${id.slice(2).toUpperCase()}`]) {
        const { status, text } = yield* ask(node, { path: `/sales/availability/${form}/reservations` })
        assert.deepStrictEqual({ status, text }, { status: 200, text: "[]" })
      }
      const path = (form: string) => ({ path: `/sales/availability/${form}/reservations` })
      yield* refuses(node, path(zeros), 404, `Availability not found: There is no availability 0x${zeros}.`)
      yield* refuses(node, path("7"), 400, "7 is not the id of an availability: it takes 64 hex digits.")
    }).pipe(inWorld),
  )

  it.effect("knows no slot that it does not host", () =>
    Effect.gen(function* () {
      const node = yield* newNode(["host"])
      const path = (form: string) => ({ path: `/sales/slots/${form}` })
      const unknown = `Provider not filling slot: 0x${zeros} is not a slot of this host.`
      yield* refuses(node, path(zeros), 404, unknown)
      yield* refuses(node, path(`0x${zeros}`), 404, unknown)
      yield* refuses(node, path("0xg0"), 400, /"0xg0" is not a slot id: it takes 64 hex digits/)
      yield* refuses(node, path(`${zeros}0`), 400, /is not a slot id: it takes 64 hex digits/)
    }).pipe(inWorld),
  )
})

it.effect.each([
  { path: "/sales/slots" },
  { path: `/sales/slots/${zeros}` },
  { path: "/sales/availability" },
  { path: `/sales/availability/${zeros}/reservations` },
  create(offer),
])("a node that is no host says so: %j", (call) =>
  Effect.gen(function* () {
    const sentence = "This node is not a host; start it with --roles host."
    yield* refuses(yield* newNode(["client"]), call, 503, sentence)
    yield* refuses(yield* newNode([]), call, 503, sentence)
  }).pipe(inWorld),
)
