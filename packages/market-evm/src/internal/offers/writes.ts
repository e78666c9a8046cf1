import type { Address } from "@pecia/contracts-abi"
import { Offer, OfferId, OpenRequest, OpenRequestRefusal, type RevertReason } from "@pecia/contracts-abi"
import {
  ContractNotEnded,
  ContractNotStarted,
  ContractStartedBefore,
  HostLacksCollateral,
  InsufficientCollateral,
  InvalidClientAddress,
  InvalidHostAddress,
  InvalidProof,
  InvalidState,
  MaxLocksReached,
  NotClientOfRequest,
  NotHostOfOffer,
  OfferAlreadyExists,
  OfferAlreadySelected,
  OfferExpired,
  type OfferMarket,
  OfferNotSelected,
  OfferRefused,
  OpenRequestRefused,
  PriceTooHigh,
  ProofAlreadySubmitted,
  RequestAlreadyExists,
  RequestExpired,
  RequestNotTimedOut,
  UnknownOffer,
  UnknownRequest,
} from "@pecia/market"
import { Effect, Schema } from "effect"
import type { TransactionQueue } from "../../TransactionQueue.ts"
import { writerOf } from "../commonWrites.ts"
import type { OpenContract } from "../openContract.ts"

type Writes = Pick<
  OfferMarket["Service"],
  | "account"
  | "approveFunds"
  | "deposit"
  | "withdraw"
  | "requestStorage"
  | "offerStorage"
  | "selectOffer"
  | "startContract"
  | "finishContract"
  | "withdrawFunds"
  | "submitProof"
  | "markProofAsMissing"
>

const isOpenRequestRefusal = Schema.is(OpenRequestRefusal)

/** What the refusal of an offer means. */
const ofOffer = (offer: Offer, offerId: OfferId, account: Address) => (reason: RevertReason) => {
  const { price, requestId } = offer
  switch (reason) {
    case "Invalid host address":
      return new InvalidHostAddress({ account })
    case "Insufficient collateral":
      return new InsufficientCollateral({ account })
    case "Unknown request":
      return new UnknownRequest({ requestId })
    case "Request expired":
      return new RequestExpired({ offerId })
    case "Price too high":
      return new PriceTooHigh({ requestId, price })
    case "Offer already exists":
      return new OfferAlreadyExists({ offerId })
    case "Invalid expiry":
      return new OfferRefused({ offerId })
    case "Max locks reached":
      return new MaxLocksReached({ account })
  }
}

/** What the refusal of a selection means. */
const ofSelection = (offerId: OfferId, account: Address) => (reason: RevertReason) => {
  switch (reason) {
    case "Unknown offer":
      return new UnknownOffer({ offerId })
    case "Offer expired":
      return new OfferExpired({ offerId })
    case "Only client can select offer":
      return new NotClientOfRequest({ offerId, account })
    case "Offer already selected":
      return new OfferAlreadySelected({ offerId })
    case "Request expired":
      return new RequestExpired({ offerId })
    case "Insufficient collateral":
      return new HostLacksCollateral({ offerId })
  }
}

/** What the offer market can refuse. */
export const offerWritesOf = (offerMarket: OpenContract, queue: TransactionQueue["Service"]): Writes => {
  const { common, markProofAsMissing, pull, write } = writerOf(offerMarket, queue, "OfferMarket")
  const { account } = queue

  return {
    ...common,
    requestStorage: (request) =>
      Effect.suspend(() => {
        const requestId = OpenRequest.id(request)
        const stored = write("requestStorage", [OpenRequest.toAbi(request)], (reason) => {
          if (reason === "Invalid client address") return new InvalidClientAddress({ account })
          if (reason === "Request already exists") return new RequestAlreadyExists({ requestId })
          if (isOpenRequestRefusal(reason)) return new OpenRequestRefused({ requestId, reason })
          return pull(reason)
        })
        return Effect.as(stored, requestId)
      }),
    offerStorage: (offer) =>
      Effect.suspend(() => {
        const offerId = Offer.id(offer)
        return Effect.as(write("offerStorage", [Offer.toAbi(offer)], ofOffer(offer, offerId, account)), offerId)
      }),
    selectOffer: (offerId) => write("selectOffer", [offerId], ofSelection(offerId, account)),
    startContract: (offerId) =>
      write("startContract", [offerId], (reason) => {
        switch (reason) {
          case "Only host can call this function":
            return new NotHostOfOffer({ offerId, account })
          case "Offer was not selected":
            return new OfferNotSelected({ offerId })
          case "Proof id already in use":
            return new ContractStartedBefore({ offerId })
          case "Request expired":
            return new RequestExpired({ offerId })
        }
      }),
    finishContract: (offerId) =>
      write("finishContract", [offerId], (reason) => {
        if (reason === "Contract not started") return new ContractNotStarted({ offerId })
        if (reason === "Contract has not ended yet") return new ContractNotEnded({ offerId })
      }),
    withdrawFunds: (requestId) =>
      write("withdrawFunds", [requestId], (reason) => {
        switch (reason) {
          case "Unknown request":
            return new UnknownRequest({ requestId })
          case "Request not yet timed out":
            return new RequestNotTimedOut({ requestId })
          case "Invalid state":
            return new InvalidState({ requestId })
        }
      }),
    submitProof: (offerId, proof) =>
      write("submitProof", [offerId, proof], (reason) => {
        switch (reason) {
          case "Contract not started":
            return new ContractNotStarted({ offerId })
          case "Only host can call this function":
            return new NotHostOfOffer({ offerId, account })
          case "Invalid proof":
            return new InvalidProof({ slotId: OfferId.slotId(offerId) })
          case "Proof already submitted":
            return new ProofAlreadySubmitted({ slotId: OfferId.slotId(offerId) })
        }
      }),
    markProofAsMissing: (offerId, period) => markProofAsMissing(OfferId.slotId(offerId), period),
  }
}
