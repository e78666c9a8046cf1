import type { RequestId } from "@pecia/contracts-abi"
import { Effect } from "effect"
import type { BidRequest } from "../Bid.ts"

/** The requests that were declined, the oldest first, and why. At most `capacity`: the oldest makes room. */
export const makeShelf = (capacity: number) => {
  const shelved = new Map<RequestId, BidRequest>()
  /** What was told of a request, so that it is told again only for another reason. */
  const told = new Map<RequestId, string>()

  const forget = ({ requestId }: Pick<BidRequest, "requestId">) => {
    shelved.delete(requestId)
    told.delete(requestId)
  }

  return {
    /** Puts a request aside until the next `takeAll`. */
    put: Effect.fnUntraced(function* (where: BidRequest, reason: string) {
      const { requestId } = where
      shelved.delete(requestId)
      shelved.set(requestId, where)
      if (told.get(requestId) !== reason) yield* Effect.logInfo(`No offer for request ${requestId} for now. ${reason}`)
      told.set(requestId, reason)
      const [oldest] = shelved.values()
      if (shelved.size <= capacity || oldest === undefined) return
      yield* Effect.logInfo(`Request ${oldest.requestId} is dropped: too many others wait for space or tokens.`)
      forget(oldest)
    }),
    /** The request needs no more attention. */
    forget,
    /** Takes them off the shelf. */
    takeAll: Effect.sync((): ReadonlyArray<BidRequest> => {
      const all = [...shelved.values()]
      shelved.clear()
      return all
    }),
  }
}

export type Shelf = ReturnType<typeof makeShelf>
