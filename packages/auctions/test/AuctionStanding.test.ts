import { assert, describe, it } from "@effect/vitest"
import { ContractState } from "@pecia/contracts-abi"
import { Option } from "effect"
import { type AuctionAnswers, AuctionStanding, standingOf } from "../src/index.ts"
import { start } from "./bed.ts"
import { aCandidate, aRequest } from "./samples.ts"

const request = aRequest(1)
const candidate = aCandidate(1)
const { Failed, NotStarted, Open, Over, Refunded, Selected, Started, Unknown, Unsold } = AuctionStanding

const stands = (answers: Partial<AuctionAnswers>) =>
  standingOf(request, { now: start, isKnown: true, selected: Option.none(), ...answers })
const contract = (state: ContractState, now: bigint, end?: bigint) =>
  stands({ now, selected: Option.some({ candidate, state, end: Option.fromUndefinedOr(end) }) })
const expiry = start + 600n
const end = start + 4000n
const started = Started({ ...candidate, end })

describe("how an auction stands", () => {
  it.each([
    ["a request that the chain does not know", stands({ isKnown: false }), Unknown()],
    ["one that it does not know any more", stands({ isKnown: false, now: expiry }), Unknown()],
    ["a request", stands({}), Open()],
    ["a request a second before its expiry", stands({ now: expiry - 1n }), Open()],
    ["a request at its expiry", stands({ now: expiry }), Unsold()],
    ["a selected offer", contract("Selected", expiry - 1n), Selected(candidate)],
    ["a selected offer at the expiry", contract("Selected", expiry), NotStarted(candidate)],
    ["a contract", contract("Started", expiry + 1n, end), started],
    ["a contract at its end", contract("Started", end, end), started],
    ["a contract strictly past its end", contract("Started", end + 1n, end), Over(candidate)],
    ["a contract whose host was paid", contract("Finished", end + 1n, end), Over(candidate)],
    ["a contract that failed", contract("Failed", start + 700n, start + 700n), Failed(candidate)],
    ["an offer whose host was released", contract("Released", expiry), Refunded(candidate)],
  ])("%s", (_, standing, expected) => {
    assert.deepStrictEqual(standing, Option.some(expected))
  })

  it("is not known where the answers contradict each other", () => {
    assert.deepStrictEqual(contract("None", start), Option.none())
    assert.deepStrictEqual(contract("Started", start), Option.none())
  })

  it("is known for every state of a contract but None", () => {
    const known = ContractState.literals.filter((state) => Option.isSome(contract(state, start, end)))
    assert.deepStrictEqual(known, ContractState.literals.slice(1))
  })
})
