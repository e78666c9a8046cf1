import { type Address, OfferId } from "@pecia/contracts-abi"
import { Option } from "effect"
import { OfferMarket } from "../OfferMarket.ts"
import { accountContract } from "./accountContract.ts"
import type { Contract } from "./blockchain.ts"
import { withdraw } from "./contract/collateral.ts"
import { hasOpenBid } from "./offers/bids.ts"
import { type OfferBooks, type OfferLog, offerOf, requestOf } from "./offers/books.ts"
import { contractState, finishContract, startContract } from "./offers/contracts.ts"
import { offerStorage, selectOffer } from "./offers/offers.ts"
import { markProofAsMissing, proofTermsOf, submitProof } from "./offers/proofs.ts"
import { requestStorage, withdrawFunds } from "./offers/requests.ts"

/** The offer market on a chain in memory, as one account sees it. */
export const makeAccountOfferMarket = (
  contract: Contract<OfferBooks, OfferLog>,
  account: Address,
): OfferMarket["Service"] => {
  const { common, proofs, read, write } = accountContract(contract, account, "OfferMarket", proofTermsOf)

  return OfferMarket.of({
    ...common,
    withdraw: write("withdraw", (call) => withdraw(call, hasOpenBid(call, account))),
    requestStorage: (request) => write("requestStorage", (call) => requestStorage(call, request)),
    offerStorage: (offer) => write("offerStorage", (call) => offerStorage(call, offer)),
    selectOffer: (id) => write("selectOffer", (call) => selectOffer(call, id)),
    startContract: (id) => write("startContract", (call) => startContract(call, id)),
    finishContract: (id) => write("finishContract", (call) => finishContract(call, id)),
    withdrawFunds: (id) => write("withdrawFunds", (call) => withdrawFunds(call, id)),
    submitProof: (id, proof) => write("submitProof", (call) => submitProof(call, id, proof)),
    markProofAsMissing: (id, period) => write("markProofAsMissing", (call) => markProofAsMissing(call, id, period)),
    getRequest: (id) => read("getRequest", (call) => Option.map(requestOf(call, id), ({ request }) => request)),
    getOffer: (id) => read("getOffer", (call) => Option.map(offerOf(call, id), ({ offer }) => offer)),
    selectedOffer: (id) =>
      read("selectedOffer", (call) => Option.flatMap(requestOf(call, id), ({ selected }) => selected)),
    contractState: (id) => read("contractState", (call) => contractState(call, id)),
    proofEnd: (id) =>
      read("proofEnd", (call) =>
        Option.map(
          Option.flatMap(offerOf(call, id), ({ term }) => term),
          ({ endsAt }) => endsAt,
        ),
      ),
    missingProofs: (id) => proofs.missingProofs(OfferId.slotId(id)),
    getPointer: (id) => proofs.getPointer(OfferId.slotId(id)),
    getChallenge: (id) => proofs.getChallenge(OfferId.slotId(id)),
    isProofRequired: (id) => proofs.isProofRequired(OfferId.slotId(id)),
    willProofBeRequired: (id) => proofs.willProofBeRequired(OfferId.slotId(id)),
    events: (options) => contract.events(options?.fromBlock),
  })
}
