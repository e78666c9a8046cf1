import { assert, describe, it } from "@effect/vitest"
import { Address, ContractState, Offer, RequestId } from "@pecia/contracts-abi"
import { Option } from "effect"
import { BidStanding, selectedStanding, unselected } from "../src/index.ts"

const account = Address.make(`0x${"a".repeat(40)}`)
const other = Address.make(`0x${"b".repeat(40)}`)
const requestId = RequestId.make(`0x${"01".repeat(32)}`)

const standing = (
  contract: ContractState,
  terms: { readonly host?: Address; readonly now?: bigint; readonly end?: bigint } = {},
) => {
  const offer = new Offer({ host: terms.host ?? account, requestId, price: 1n, expiry: 100n })
  const selection = { offerId: Offer.id(offer), offer, contract, proofEnd: Option.fromUndefinedOr(terms.end) }
  return selectedStanding({ account, now: terms.now ?? 50n, expiry: 100n, selection })
}
const offerId = Offer.id(new Offer({ host: account, requestId, price: 1n, expiry: 100n }))

describe("how a request stands", () => {
  it("is open until its expiry, exactly, if nothing was selected", () => {
    for (const offered of [false, true]) {
      assert.deepStrictEqual(unselected(99n, 100n, offered), BidStanding.Open({ offered }))
      assert.deepStrictEqual(unselected(100n, 100n, offered), BidStanding.Over())
    }
  })

  it("is taken, whatever became of the contract, when another host was selected", () => {
    for (const state of ContractState.literals) {
      assert.deepStrictEqual(standing(state, { host: other, end: 80n }), Option.some(BidStanding.Taken()))
    }
  })

  it("is selected until its expiry, exactly; then it is too late", () => {
    assert.deepStrictEqual(standing("Selected", { now: 99n }), Option.some(BidStanding.Selected({ offerId })))
    assert.deepStrictEqual(standing("Selected", { now: 100n }), Option.some(BidStanding.Late({ offerId })))
    assert.deepStrictEqual(standing("Released", { now: 100n }), Option.some(BidStanding.Released()))
  })

  it("is started up to its last second, and payable strictly after it", () => {
    const end = 200n
    assert.deepStrictEqual(standing("Started", { now: end, end }), Option.some(BidStanding.Started({ offerId, end })))
    assert.deepStrictEqual(
      standing("Started", { now: end + 1n, end }),
      Option.some(BidStanding.Payable({ offerId, contract: "Finished" })),
    )
  })

  it("is payable when the contract has failed, and paid when it is finished", () => {
    assert.deepStrictEqual(
      standing("Failed", { end: 40n }),
      Option.some(BidStanding.Payable({ offerId, contract: "Failed" })),
    )
    assert.deepStrictEqual(standing("Finished", { end: 40n }), Option.some(BidStanding.Paid({ offerId })))
  })

  it("is not known from answers of different moments", () => {
    assert.deepStrictEqual(standing("None"), Option.none())
    assert.deepStrictEqual(standing("Started"), Option.none())
  })
})
