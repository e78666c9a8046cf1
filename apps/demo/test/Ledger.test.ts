import { RequestId, zeroAddress } from "@pecia/contracts-abi"
import { assert, describe, it } from "vitest"
import { judge, type Outcome, toJson, toLines } from "../src/Ledger.ts"
import { planFor, priceOf } from "../src/Plan.ts"

const host = { address: zeroAddress, before: 10n, after: 30n, usedBytes: 0n, freeBytes: 5n, offeredBytes: 5n }
const good: Outcome = {
  file: { bytes: 1, sha256: "aa" },
  retrievedSha256: "aa",
  request: { id: RequestId.make(`0x${"11".repeat(32)}`), state: "Finished" },
  slots: [0, 1].map((index) => ({ index, host: zeroAddress, state: "Paid" as const, proofs: 2 })),
  client: { before: 100n, after: 60n },
  hosts: [host, host],
  contractTokens: 0n,
  minted: 120n,
  price: 40n,
  seconds: 1,
}
const failures = (outcome: Outcome) => judge(outcome).flatMap(({ claim, holds }) => (holds ? [] : [claim]))

describe("the judgement of the demo", () => {
  it("finds nothing wrong where nothing is", () => assert.isEmpty(failures(good)))

  const spoiled: ReadonlyArray<readonly [string, Partial<Outcome>]> = [
    ["another file that came back", { retrievedSha256: "bb" }],
    ["a contract that failed", { request: { ...good.request, state: "Failed" } }],
    ["a slot that was not paid", { slots: [{ index: 0, host: zeroAddress, state: "Finished", proofs: 2 }] }],
    ["no slots at all", { slots: [] }],
    ["a slot that was proven once", { slots: [{ index: 0, host: zeroAddress, state: "Paid", proofs: 1 }] }],
    ["a client that paid another price", { price: 39n }],
    ["data that a host kept", { hosts: [host, { ...host, usedBytes: 1n }] }],
    ["space that did not come back", { hosts: [host, { ...host, freeBytes: 4n }] }],
    ["a token too much", { contractTokens: 1n }],
  ]
  it.each(spoiled)("notices %s", (_, change) => assert.isNotEmpty(failures({ ...good, ...change })))

  it("goes into one object of plain JSON, with amounts as decimal strings", () => {
    const json = toJson(good, true)
    assert.deepStrictEqual(JSON.parse(JSON.stringify(json)), json)
    assert.deepStrictEqual(json.balances.client, { before: "100", after: "60" })
    assert.strictEqual(json.proofsSubmitted, 4)
  })

  it("shows every claim to people", () => {
    const text = toLines(good).join("\n")
    for (const { claim } of judge(good)) assert.include(text, `✓ ${claim}`)
  })
})

describe("the plan of the demo", () => {
  it.each([0n, 1n, 65_536n, 5_000_000n, 67_108_864n])(
    "has room for a file of %s bytes and tokens for its price",
    (bytes) => {
      const plan = planFor(bytes)
      assert.isTrue(plan.slotSizeBytes > 0n && plan.slotSizeBytes % 65_536n === 0n)
      assert.isTrue(plan.slotSizeBytes * BigInt(plan.slots) >= bytes)
      assert.isTrue(plan.clientTokens > priceOf(plan))
      assert.isTrue(plan.expirySeconds < plan.durationSeconds)
    },
  )
})
