import { Address, OfferId, RequestId, zeroAddress } from "@pecia/contracts-abi"
import { assert, describe, it } from "vitest"
import { judge, type OfferOutcome, report, toJson, toLines } from "../src/OfferLedger.ts"
import { offerPlanFor, priceOf } from "../src/Plan.ts"

const other = Address.make(`0x${"22".repeat(20)}`)
const space = { usedBytes: 0n, freeBytes: 5n, offeredBytes: 5n }
const host = { address: zeroAddress, before: 10n, after: 30n, space }
const slot = {
  index: 0,
  requestId: RequestId.make(`0x${"11".repeat(32)}`),
  offerId: OfferId.make(`0x${"33".repeat(32)}`),
  offers: 2,
  host: zeroAddress,
  maxPrice: 50n,
  price: 20n,
  state: "Finished" as const,
  proofs: 2,
}
const good: OfferOutcome = {
  file: { bytes: 1, sha256: "aa" },
  retrievedSha256: "aa",
  slots: [slot, { ...slot, index: 1, host: other, price: 30n }],
  client: { before: 110n, after: 60n },
  hosts: [host, { ...host, address: other, after: 40n }],
  validators: [],
  contractTokens: 0n,
  minted: 130n,
  seconds: 1,
}
const failures = (outcome: OfferOutcome) => judge(outcome).flatMap(({ claim, holds }) => (holds ? [] : [claim]))

describe("the judgement of the demo of offers", () => {
  it("finds nothing wrong where nothing is", () => assert.isEmpty(failures(good)))

  const [first = slot, second = slot] = good.slots
  const spoiled: ReadonlyArray<readonly [string, Partial<OfferOutcome>]> = [
    ["another file that came back", { retrievedSha256: "bb" }],
    ["no slots at all", { slots: [] }],
    ["slots for which one host alone offered", { slots: good.slots.map((one) => ({ ...one, offers: 1 })) }],
    ["two slots at one host", { slots: [first, { ...second, host: zeroAddress }] }],
    ["a contract that failed", { slots: [{ ...first, state: "Failed" }, second] }],
    ["a contract that was not paid", { slots: [{ ...first, state: "Started" }, second] }],
    ["a slot that was proven once", { slots: [{ ...first, proofs: 1 }, second] }],
    ["a client that saved nothing", { slots: [{ ...first, maxPrice: 20n }, second] }],
    ["a difference that did not come back", { client: { before: 110n, after: 30n }, contractTokens: 30n }],
    [
      "a host that earned what another one should have",
      {
        hosts: [
          { ...host, after: 40n },
          { ...host, address: other },
        ],
      },
    ],
    [
      "data that a host kept",
      { hosts: [host, { ...host, address: other, after: 40n, space: { ...space, usedBytes: 1n } }] },
    ],
    [
      "space that did not come back",
      { hosts: [host, { ...host, address: other, after: 40n, space: { ...space, freeBytes: 4n } }] },
    ],
    ["a token too much", { contractTokens: 1n }],
  ]
  it.each(spoiled)("notices %s", (_, change) => {
    assert.isNotEmpty(failures({ ...good, ...change }))
    assert.include(report({ ...good, ...change }).json, { ok: false })
  })

  it("goes into one object of plain JSON, with amounts as decimal strings", () => {
    const json = toJson(good, true)
    assert.deepStrictEqual(JSON.parse(JSON.stringify(json)), json)
    assert.strictEqual(json.reimbursed, "50")
    assert.strictEqual(json.proofsSubmitted, 4)
  })

  it("shows every claim and every reimbursement to people", () => {
    const text = toLines(good).join("\n")
    for (const { claim } of judge(good)) assert.include(text, `✓ ${claim}`)
    assert.match(text, /slot 0 +50 +20 +30\n/)
    assert.match(text, /slot 1 +50 +30 +20\n/)
  })
})

describe("the plan of the demo of offers", () => {
  it.each([0n, 1n, 65_536n, 5_000_000n, 67_108_864n])("has room and tokens for a file of %s bytes", (bytes) => {
    const plan = offerPlanFor(bytes)
    const pricePerBytePerSecond = plan.maxPricePerBytePerSecond
    assert.isTrue(plan.slotSizeBytes * BigInt(plan.slots - plan.tolerance) >= bytes)
    assert.isTrue(plan.clientTokens > priceOf({ ...plan, pricePerBytePerSecond }))
    assert.lengthOf(plan.hostPricesPerBytePerSecond, plan.hosts)
    for (const price of plan.hostPricesPerBytePerSecond) assert.isTrue((price * 11n) / 10n < pricePerBytePerSecond)
    assert.isTrue(plan.hostTokens >= BigInt(plan.slots) * plan.config.collateral.initialAmount)
  })
})
