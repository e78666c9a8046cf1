import { Offer, type OfferId, OpenRequest, type Period, type RequestId } from "@pecia/contracts-abi"
import { Data } from "effect"
import type { Money } from "../opening.ts"
import { show } from "../show.ts"

/** One thing that is done to both chains. `who` is the place of an account in the list of those that take part. */
export type OfferStep =
  | Money
  | Data.TaggedEnum<{
      withdraw: { readonly who: number }
      requestStorage: { readonly who: number; readonly request: OpenRequest }
      offerStorage: { readonly who: number; readonly offer: Offer }
      selectOffer: { readonly who: number; readonly offerId: OfferId }
      startContract: { readonly who: number; readonly offerId: OfferId }
      finishContract: { readonly who: number; readonly offerId: OfferId }
      withdrawFunds: { readonly who: number; readonly requestId: RequestId }
      submitProof: { readonly who: number; readonly offerId: OfferId; readonly proof: Uint8Array }
      markProofAsMissing: { readonly who: number; readonly offerId: OfferId; readonly period: Period }
      /** Mines one block at a time in unix seconds. */
      advanceTo: { readonly time: bigint }
      /** Mines empty blocks at the time of now. */
      mine: { readonly count: bigint }
    }>

export const OfferStep = Data.taggedEnum<OfferStep>()

/** Whether the contract is called; time and blocks only pass by. */
export const isCall = (step: OfferStep): boolean => !OfferStep.$is("advanceTo")(step) && !OfferStep.$is("mine")(step)

/** For people who look for what went wrong. */
export const showStep = (step: OfferStep): string => {
  const { _tag, ...what } = step
  const id = OfferStep.$is("requestStorage")(step)
    ? OpenRequest.id(step.request)
    : OfferStep.$is("offerStorage")(step)
      ? Offer.id(step.offer)
      : undefined
  return `${_tag} ${show(id === undefined ? what : { id, ...what })}`
}
