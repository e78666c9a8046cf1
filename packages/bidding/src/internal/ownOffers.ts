import type { RequestId } from "@pecia/contracts-abi"
import type { OwnOffer } from "../Bid.ts"
import type { BidStanding } from "../BidStanding.ts"

/** How many are remembered: more than an account can have open, whose number is 128, and than bids are remembered. */
const kept = 2000

/** The latest offer of this host to each request, made by this run or read from the chain, and which of them led to contracts. */
export class OwnOffers {
  readonly #offers = new Map<RequestId, OwnOffer>()
  /** The requests of contracts that were neither paid nor released, and whether the chain still knows them. As many as collateral was locked for. */
  readonly #owed = new Map<RequestId, boolean>()

  remember({ offerId, offer }: OwnOffer): void {
    const { requestId } = offer
    this.#offers.delete(requestId)
    this.#offers.set(requestId, { offerId, offer })
    dropOldest(this.#offers, kept, (id) => this.isOwed(id))
  }

  of(requestId: RequestId): OwnOffer | undefined {
    return this.#offers.get(requestId)
  }

  /** What was seen of a request, and believed. */
  saw(requestId: RequestId, { _tag }: BidStanding): void {
    switch (_tag) {
      case "Selected":
      case "Late":
      case "Started":
      case "Payable":
        this.expect(requestId)
        return
      case "Unknown":
        if (this.isOwed(requestId)) this.#owed.set(requestId, false)
        return
      case "Over":
      case "Taken":
      case "Released":
      case "Paid":
        this.settle(requestId)
    }
  }

  /** There is, or was, a contract of ours. */
  expect(requestId: RequestId): void {
    this.#owed.set(requestId, true)
  }

  /** Nothing is left to do for the contract of a request. */
  settle(requestId: RequestId): void {
    this.#owed.delete(requestId)
  }

  /** Whether an offer of ours was selected, and neither paid nor released: the request must not be forgotten. */
  isOwed(requestId: RequestId): boolean {
    return this.#owed.has(requestId)
  }

  /** Whether, when last seen, the request had a contract of ours. */
  isHeld(requestId: RequestId): boolean {
    return this.#owed.get(requestId) === true
  }

  /** The requests with a contract that locks collateral. */
  get held(): ReadonlyArray<RequestId> {
    return [...this.#owed].flatMap(([requestId, isKnown]) => (isKnown ? [requestId] : []))
  }
}

/** Drops the oldest entry that need not be kept, if there are more than `most`. */
export const dropOldest = <K, V>(entries: Map<K, V>, most: number, mustStay: (key: K) => boolean): V | undefined => {
  if (entries.size <= most) return undefined
  for (const [key, value] of entries) {
    if (mustStay(key)) continue
    entries.delete(key)
    return value
  }
  return undefined
}
