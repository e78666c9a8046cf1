import { assert, describe, it } from "@effect/vitest"
import { Address, RequestState, SlotState } from "@pecia/contracts-abi"
import { Option } from "effect"
import { standingOf } from "../src/index.ts"
import { other, short } from "./samples.ts"

const account = Address.make(`0x${"a".repeat(40)}`)

const read = (slot: SlotState, request: RequestState | undefined, host: Address | undefined) =>
  Option.match(
    standingOf({
      account,
      slot,
      request: Option.fromUndefinedOr(request),
      host: Option.fromUndefinedOr(host),
    }),
    { onNone: () => "ask again", onSome: short },
  )

describe("how a slot stands", () => {
  it("follows from the states of slot and request and from the host (contract interface, section 3)", () => {
    assert.strictEqual(read("Free", "New", undefined), "Open")
    assert.strictEqual(read("Free", "Started", undefined), "Open(started)")
    assert.strictEqual(read("Free", "Cancelled", undefined), "Over(Cancelled)")
    assert.strictEqual(read("Free", undefined, undefined), "Over(Unknown)")
    assert.strictEqual(read("Filled", "New", account), "Mine")
    assert.strictEqual(read("Filled", "Started", account), "Mine(started)")
    assert.strictEqual(read("Filled", "Started", other), "Taken")
    assert.strictEqual(read("Finished", "Cancelled", account), "Payable(Cancelled)")
    assert.strictEqual(read("Finished", "Finished", account), "Payable(Finished)")
    assert.strictEqual(read("Failed", "Failed", account), "Payable(Failed)")
    assert.strictEqual(read("Failed", "Failed", other), "Taken")
    assert.strictEqual(read("Paid", "Cancelled", account), "Paid(Cancelled)")
    assert.strictEqual(read("Paid", "Finished", account), "Paid(Finished)")
    assert.strictEqual(read("Paid", "Failed", account), "Paid(Failed)")
  })

  it("is not concluded from answers that contradict each other", () => {
    assert.strictEqual(read("Free", "New", account), "ask again")
    assert.strictEqual(read("Filled", "New", undefined), "ask again")
    assert.strictEqual(read("Filled", "Cancelled", account), "ask again")
    assert.strictEqual(read("Finished", "Started", account), "ask again")
    assert.strictEqual(read("Finished", "Failed", account), "ask again")
    assert.strictEqual(read("Failed", "Started", account), "ask again")
    assert.strictEqual(read("Paid", "Started", account), "ask again")
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
