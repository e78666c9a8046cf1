import { assert, describe, it } from "@effect/vitest"
import { Address, RequestState, SlotState } from "@pecia/contracts-abi"
import { Option } from "effect"
import { standingOf } from "../src/index.ts"
import { other, short } from "./samples.ts"

const account = Address.make(`0x${"a".repeat(40)}`)

const read = (slot: SlotState, request: RequestState | undefined, host: Address | undefined, late = false) =>
  Option.match(
    standingOf({
      account,
      slot,
      request: Option.fromUndefinedOr(request),
      host: Option.fromUndefinedOr(host),
      closing: late,
      expiring: late,
    }),
    { onNone: () => "ask again", onSome: short },
  )

describe("how a slot stands", () => {
  it("follows from the states of slot and request and from the host (contract interface, section 3)", () => {
    assert.strictEqual(read("Free", "New", undefined), "Open")
    assert.strictEqual(read("Free", "New", undefined, true), "Open(closing)")
    assert.strictEqual(read("Free", "Started", undefined, true), "Open(started)")
    assert.strictEqual(read("Free", "Cancelled", undefined), "Over(Cancelled)")
    assert.strictEqual(read("Free", undefined, undefined), "Over(Unknown)")
    assert.strictEqual(read("Filled", "New", account), "Mine")
    assert.strictEqual(read("Filled", "New", account, true), "Mine(expiring)")
    assert.strictEqual(read("Filled", "Started", account, true), "Mine(started)")
    assert.strictEqual(read("Filled", "Started", other), "Taken")
    assert.strictEqual(read("Finished", "Cancelled", account), "Payable(cancelled)")
    assert.strictEqual(read("Finished", "Finished", account), "Payable")
    assert.strictEqual(read("Failed", "Failed", account), "Doomed")
    assert.strictEqual(read("Failed", "Failed", other), "Taken")
    assert.strictEqual(read("Paid", "Finished", account), "Paid")
  })

  it("is not concluded from answers that contradict each other", () => {
    assert.strictEqual(read("Free", "New", account), "ask again")
    assert.strictEqual(read("Filled", "New", undefined), "ask again")
    assert.strictEqual(read("Filled", "Cancelled", account), "ask again")
    assert.strictEqual(read("Finished", "Started", account), "ask again")
    assert.strictEqual(read("Failed", "Started", account), "ask again")
    assert.strictEqual(read("Filled", undefined, account), "ask again")
  })

  it("is an answer, or none, for every reading", () => {
    for (const slot of SlotState.literals) {
      for (const request of [...RequestState.literals, undefined]) {
        for (const host of [account, other, undefined]) assert.isString(read(slot, request, host))
      }
    }
  })
})
