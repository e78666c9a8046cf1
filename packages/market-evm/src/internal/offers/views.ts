import { ContractState, Offer, OfferId, OpenRequest, zeroAddress } from "@pecia/contracts-abi"
import type { OfferMarket } from "@pecia/market"
import { Effect, Option, Result, Schema } from "effect"
import { ZeroHash } from "ethers"
import { commonViewsOf } from "../commonViews.ts"
import { type OpenContract, type Reader, uint } from "../openContract.ts"

const offerId = Schema.decodeUnknownResult(OfferId)
const stateOf: Reader<ContractState> = (value) => Result.flatMap(uint(value), ContractState.fromAbi)

type Views = Pick<
  OfferMarket["Service"],
  | "config"
  | "options"
  | "collateral"
  | "tokens"
  | "getRequest"
  | "getOffer"
  | "selectedOffer"
  | "contractState"
  | "proofEnd"
  | "missingProofs"
  | "getPointer"
  | "getChallenge"
  | "isProofRequired"
  | "willProofBeRequired"
>

/** What the offer market answers in the state of the newest block. Where it knows nothing, it answers zeros. */
export const offerViewsOf = (offerMarket: OpenContract): Views => {
  const { contract } = offerMarket
  const readSome = <A>(read: Reader<A>, isSome: (value: A) => boolean, call: string, id: string) =>
    Effect.map(contract.read(read, call, [id]), Option.liftPredicate(isSome))

  return {
    ...commonViewsOf(offerMarket),
    getRequest: (id) => readSome(OpenRequest.fromAbi, ({ client }) => client !== zeroAddress, "getRequest", id),
    getOffer: (id) => readSome(Offer.fromAbi, ({ host }) => host !== zeroAddress, "getOffer", id),
    selectedOffer: (id) => readSome(offerId, (selected) => selected !== ZeroHash, "selectedOffer", id),
    contractState: (id) => contract.read(stateOf, "contractState", [id]),
    proofEnd: (id) => readSome(uint, (end) => end > 0n, "proofEnd", id),
  }
}
