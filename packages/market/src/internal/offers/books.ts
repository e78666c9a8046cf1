import type { ContractState, Offer, OfferId, OpenRequest, RequestId } from "@pecia/contracts-abi"
import { HashMap, type Option, Result } from "effect"
import type { OfferEvent } from "../../OfferEvent.ts"
import { type Books, noBooks } from "../contract/books.ts"
import type { Call, Outcome, WithoutPlace } from "../contract/call.ts"
import { Revert } from "../contract/uint256.ts"

/** All that the offer market remembers. */
export interface OfferBooks extends Books {
  readonly requests: HashMap.HashMap<RequestId, OpenRequestRecord>
  readonly offers: HashMap.HashMap<OfferId, OfferRecord>
}

export type OfferLog = WithoutPlace<OfferEvent>

/** One call of the offer market under way. */
export type OfferCall = Call<OfferBooks, OfferLog>

export interface OpenRequestRecord {
  readonly request: OpenRequest
  readonly selected: Option.Option<OfferId>
  /** Whether the client took back what no host earns. */
  readonly isRefunded: boolean
}

/** An offer, and the contract that came of it. */
export interface OfferRecord {
  readonly id: OfferId
  readonly offer: Offer
  readonly state: ContractState
  readonly term: Option.Option<Term>
  readonly isPaid: boolean
}

/** When a contract runs, in unix seconds. */
export interface Term {
  readonly startedAt: bigint
  /** The end that was agreed upon; when it has failed, the time of the call with which it did. */
  readonly endsAt: bigint
}

export const noOfferBooks: OfferBooks = { ...noBooks, requests: HashMap.empty(), offers: HashMap.empty() }

export const requestOf = (call: OfferCall, id: RequestId): Option.Option<OpenRequestRecord> =>
  HashMap.get(call.books.requests, id)

export const setRequest = (call: OfferCall, id: RequestId, record: OpenRequestRecord): void => {
  call.books = { ...call.books, requests: HashMap.set(call.books.requests, id, record) }
}

export const offerOf = (call: OfferCall, id: OfferId): Option.Option<OfferRecord> => HashMap.get(call.books.offers, id)

export const setOffer = (call: OfferCall, record: OfferRecord): void => {
  call.books = { ...call.books, offers: HashMap.set(call.books.offers, record.id, record) }
}

/** The request that an offer was made to, without which there is none. */
export const requestOfOffer = (call: OfferCall, { requestId }: Offer): Outcome<OpenRequestRecord> =>
  Result.fromOption(
    requestOf(call, requestId),
    () => new Revert({ detail: `panic: an offer to request ${requestId}, which is unknown` }),
  )
