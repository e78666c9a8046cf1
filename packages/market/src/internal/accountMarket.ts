import { type Address, zeroAddress } from "@pecia/contracts-abi"
import { Option } from "effect"
import { Market } from "../Market.ts"
import { accountContract } from "./accountContract.ts"
import type { Contract } from "./blockchain.ts"
import { accountOf } from "./contract/call.ts"
import { withdraw } from "./contract/collateral.ts"
import { type MarketBooks, type MarketLog, requestOf, slotOf } from "./marketplace/books.ts"
import { slotState } from "./marketplace/derived.ts"
import { markProofAsMissing, proofTermsOf, submitProof } from "./marketplace/proofs.ts"
import { requestEnd, requestState, requestStorage, withdrawFunds } from "./marketplace/requests.ts"
import { fillSlot, freeSlot, getActiveSlot } from "./marketplace/slots.ts"

/** The marketplace on a chain in memory, as one account sees it. */
export const makeAccountMarket = (contract: Contract<MarketBooks, MarketLog>, account: Address): Market["Service"] => {
  const { common, proofs, read, tryRead, write } = accountContract(contract, account, "Market", proofTermsOf)

  return Market.of({
    ...common,
    ...proofs,
    withdraw: write("withdraw", (call) => withdraw(call)),
    requestStorage: (request) => write("requestStorage", (call) => requestStorage(call, request)),
    fillSlot: (requestId, slotIndex, proof) => write("fillSlot", (call) => fillSlot(call, requestId, slotIndex, proof)),
    freeSlot: (slotId) => write("freeSlot", (call) => freeSlot(call, slotId)),
    submitProof: (slotId, proof) => write("submitProof", (call) => submitProof(call, slotId, proof)),
    markProofAsMissing: (slotId, period) =>
      write("markProofAsMissing", (call) => markProofAsMissing(call, slotId, period)),
    withdrawFunds: (requestId) => write("withdrawFunds", (call) => withdrawFunds(call, requestId)),
    getRequest: (id) => read("getRequest", (call) => Option.map(requestOf(call, id), ({ request }) => request)),
    requestState: (id) => read("requestState", (call) => requestState(call, id)),
    requestEnd: (id) => tryRead("requestEnd", (call) => requestEnd(call, id)),
    slotState: (id) => read("slotState", (call) => slotState(call, slotOf(call, id))),
    getHost: (id) =>
      read("getHost", (call) => Option.liftPredicate(slotOf(call, id).host, (host) => host !== zeroAddress)),
    getActiveSlot: (id) => read("getActiveSlot", (call) => getActiveSlot(call, id)),
    myRequests: read("myRequests", (call) => Array.from(accountOf(call, account).requests)),
    mySlots: read("mySlots", (call) => Array.from(accountOf(call, account).slots)),
    events: (options) => contract.events(options?.fromBlock),
  })
}
