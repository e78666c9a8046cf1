import type { RequestId } from "@pecia/contracts-abi"
import { Effect } from "effect"
import type { BidRequest } from "../Bid.ts"
import { BidOutcome } from "../BidState.ts"
import type { EndedBid } from "./bidBook.ts"
import { dropOldest, type OwnOffers } from "./ownOffers.ts"

/** The requests that were declined, the oldest first, and why. At most `capacity`: the oldest makes room, unless a contract of ours hangs on it. */
export const makeShelf = (capacity: number, ownOffers: OwnOffers) => {
  const shelved = new Map<RequestId, EndedBid>()
  /** What was told of a request, so that it is told again only for another reason. */
  const told = new Map<RequestId, string>()

  const forget = ({ requestId }: Pick<BidRequest, "requestId">) => {
    shelved.delete(requestId)
    told.delete(requestId)
  }

  return {
    /** Those that are put aside now. */
    get shelved(): ReadonlyMap<RequestId, EndedBid> {
      return shelved
    },
    /** Puts a request aside until it is taken. */
    put: Effect.fnUntraced(function* ({ requestId, request }: BidRequest, reason: string) {
      shelved.delete(requestId)
      shelved.set(requestId, { requestId, request, outcome: BidOutcome.Declined({ reason }) })
      if (told.get(requestId) !== reason) yield* Effect.logInfo(`No offer for request ${requestId} for now. ${reason}`)
      told.set(requestId, reason)
      const oldest = dropOldest(shelved, capacity, (id) => ownOffers.isOwed(id))
      if (oldest === undefined) return
      yield* Effect.logInfo(`Request ${oldest.requestId} is dropped: too many others wait for space or tokens.`)
      forget(oldest)
    }),
    /** The request needs no more attention. */
    forget,
    /** Takes a request off the shelf. */
    take: ({ requestId }: BidRequest): void => {
      shelved.delete(requestId)
    },
  }
}
