import { Address, ContentHash, Nonce, Offer, OpenRequest } from "@pecia/contracts-abi"
import { type AuctionEnd, AuctionOutcome, type AuctionRecord, AuctionState, type Candidate } from "../src/index.ts"
import { start, terms } from "./bed.ts"

/** Request number `number`. */
export const aRequest = (number: number) => {
  const { contentHash, duration, maxPrice, proofProbability, size } = terms()
  const what = { duration, size, contentHash: ContentHash.make(contentHash), proofProbability, maxPrice }
  const client = Address.make(`0x${"1".repeat(40)}`)
  const nonce = Nonce.make(`0x${number.toString(16).padStart(64, "0")}`)
  return new OpenRequest({ client, ...what, expiry: start + 600n, nonce })
}

export const hostNumber = (number: number) => Address.make(`0x${number.toString(16).padStart(40, "0")}`)

/** An offer of host number `host` to request number 1. */
export const aCandidate = (host: number, price = 10n, expiry = start + 600n): Candidate => {
  const offer = new Offer({ host: hostNumber(host), requestId: OpenRequest.id(aRequest(1)), price, expiry })
  return { offerId: Offer.id(offer), offer }
}

export const ends = (candidate: Candidate): ReadonlyArray<AuctionEnd> => [
  AuctionOutcome.Unsold(),
  AuctionOutcome.NotStarted(candidate),
  AuctionOutcome.Failed(candidate),
]

/** Every state there is, with this offer selected where one was. */
export const statesWith = (candidate: Candidate): ReadonlyArray<AuctionState> => [
  AuctionState.Pending(),
  AuctionState.Open(),
  AuctionState.Selected(candidate),
  AuctionState.Started(candidate),
  ...ends(candidate).map((end) => AuctionState.Refunding({ end })),
  AuctionState.Ended({ outcome: AuctionOutcome.Finished(candidate) }),
  ...ends(candidate).map((outcome) => AuctionState.Ended({ outcome })),
  AuctionState.Ended({ outcome: AuctionOutcome.Errored({ detail: "It's broken; “why” is unknown." }) }),
]

/** The record of auction number `number`. */
export const aRecord = (number: number, state: AuctionState = AuctionState.Pending()): AuctionRecord => {
  const request = aRequest(number)
  const place = { dataset: "a dataset", slotIndex: number, openedAt: start, block: 258n, since: start + 1n }
  return { id: OpenRequest.id(request), request, ...place, state }
}
