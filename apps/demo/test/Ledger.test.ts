import { Address, RequestId } from "@pecia/contracts-abi"
import { assert, describe, it } from "vitest"
import { judge, type Outcome, toJson, toLines } from "../src/Ledger.ts"
import { planFor, priceOf } from "../src/Plan.ts"

const address = (digit: string) => Address.make(`0x${digit.repeat(40)}`)
const [dead, host, heir, validator] = [address("1"), address("2"), address("3"), address("4")]
const space = { usedBytes: 0n, freeBytes: 5n, offeredBytes: 5n }
const hosts = [
  { address: dead, before: 100n, after: 60n, space: null },
  { address: host, before: 100n, after: 300n, space },
  { address: heir, before: 100n, after: 270n, space },
]
const slots = [heir, host].map((address, index) => ({ index, host: address, state: "Paid" as const, proofs: 2 }))
const good: Outcome = {
  file: { bytes: 1, sha256: "aa" },
  retrievedSha256: "aa",
  request: { id: RequestId.make(`0x${"11".repeat(32)}`), state: "Finished", durationSeconds: 20n, reward: 10n },
  slots,
  lost: {
    index: 0,
    host: dead,
    retrievedSha256: "aa",
    proofs: 1,
    missed: 3,
    slashed: 40n,
    markerReward: 8n,
    unpaidSeconds: 3n,
  },
  client: { before: 500n, after: 130n },
  hosts,
  validators: [{ address: validator, before: 0n, after: 8n }],
  contractTokens: 32n,
  minted: 800n,
  seconds: 1,
}
const failures = (outcome: Outcome) => judge(outcome).flatMap(({ claim, holds }) => (holds ? [] : [claim]))

/** The outcome with another end for one of the hosts. */
const ending = (index: number, change: Partial<Outcome["hosts"][number]>): Partial<Outcome> => ({
  hosts: hosts.map((one, at) => (at === index ? { ...one, ...change } : one)),
})
const losing = (change: Partial<Outcome["lost"]>): Partial<Outcome> => ({ lost: { ...good.lost, ...change } })

describe("the judgement of the demo", () => {
  it("finds nothing wrong where nothing is", () => assert.isEmpty(failures(good)))

  const spoiled: ReadonlyArray<readonly [string, Partial<Outcome>]> = [
    ["another file that came back", { retrievedSha256: "bb" }],
    ["another file that came back while the host was dead", losing({ retrievedSha256: "bb" })],
    ["a contract that failed", { request: { ...good.request, state: "Failed" } }],
    ["a slot that was not paid", { slots: slots.map((slot) => ({ ...slot, state: "Finished" })) }],
    ["no slots at all", { slots: [] }],
    ["a slot that was proven once", { slots: slots.map((slot) => ({ ...slot, proofs: 1 })) }],
    [
      "a slot that stayed with the dead host",
      { slots: slots.map((slot, at) => (at ? slot : { ...slot, host: dead })) },
    ],
    ["a slot that went to a host that had one", { slots: slots.map((slot) => ({ ...slot, host })) }],
    ["a slot that was lost without a miss", losing({ missed: 0 })],
    ["a client that had nothing back", { client: { before: 500n, after: 100n } }],
    ["a host that was paid too little", ending(1, { after: 299n })],
    ["a new host that was paid for all the time", ending(2, { after: 300n })],
    ["a dead host that lost nothing", ending(0, { after: 100n })],
    ["a dead host that was paid", ending(0, { after: 61n })],
    ["a validator without reward", { validators: [{ address: validator, before: 0n, after: 0n }] }],
    ["data that a host kept", ending(1, { space: { ...space, usedBytes: 1n } })],
    ["space that did not come back", ending(1, { space: { ...space, freeBytes: 4n } })],
    ["a token too much", { contractTokens: 33n }],
    ["a token that nobody minted", { minted: 799n }],
  ]
  it.each(spoiled)("notices %s", (_, change) => assert.isNotEmpty(failures({ ...good, ...change })))

  it("goes into one object of plain JSON, with amounts as decimal strings", () => {
    const json = toJson(good, true)
    assert.deepStrictEqual(JSON.parse(JSON.stringify(json)), json)
    assert.deepStrictEqual(json.balances.client, { before: "500", after: "130" })
    assert.strictEqual(json.refund, "30")
    assert.strictEqual(json.lostSlot.slashed, "40")
    assert.strictEqual(json.proofsSubmitted, 5)
  })

  it("shows every claim, and whose every token became, to people", () => {
    const text = toLines(good).join("\n")
    for (const { claim } of judge(good)) assert.include(text, `✓ ${claim}`)
    assert.match(text, /host 1, dead +100 +60 +-40\n/)
    assert.match(text, /validator 1 +0 +8 +\+8\n/)
    assert.include(text, "Slot 0: host 3 earned 170. For the 3s before it nobody is paid: 30 went back to the client.")
    assert.include(
      text,
      "3 misses of host 1 were marked: 40 of its collateral slashed, 8 of that for the validator, 32 burnt",
    )
  })
})

describe("the plan of the demo", () => {
  it("takes a slot from a host at its first slashing, and one deposit is enough for a slot", () => {
    const { config, hostTokens } = planFor(1n)
    const { initialAmount, minimumAmount, slashPercentage } = config.collateral
    assert.isTrue(initialAmount - (initialAmount * slashPercentage) / 100n < minimumAmount)
    assert.isTrue(hostTokens >= initialAmount)
  })

  it.each([0n, 1n, 65_536n, 5_000_000n, 67_108_864n])(
    "has room for a file of %s bytes and tokens for its price",
    (bytes) => {
      const plan = planFor(bytes)
      assert.isTrue(plan.slotSizeBytes > 0n && plan.slotSizeBytes % 65_536n === 0n)
      assert.isTrue(plan.slotSizeBytes * BigInt(plan.slots - plan.tolerance) >= bytes)
      assert.isTrue(plan.clientTokens > priceOf(plan))
      assert.isTrue(plan.expirySeconds < plan.durationSeconds)
      assert.isTrue(plan.hosts > plan.slots)
    },
  )
})
