import type { RequestId } from "@pecia/contracts-abi"
import { Effect, FiberSet, type Scope } from "effect"
import { Bid, type BidRequest } from "../Bid.ts"
import type { BidOutcome } from "../BidState.ts"
import type { BidServices, Workshop } from "./bidWork.ts"
import { dropOldest } from "./ownOffers.ts"

/** A bid that is over. */
export interface EndedBid extends BidRequest {
  readonly outcome: BidOutcome
}

/** How many ended bids are remembered, beside those with a contract that is neither paid nor released. */
const kept = 1000

/** The bids that go on, at most one for a request, and the latest that have ended. */
export const makeBidBook = Effect.fnUntraced(function* (options: {
  readonly workshop: Workshop
  /** Runs after a bid has left the book. */
  readonly onEnd: (bid: Bid, outcome: BidOutcome) => Effect.Effect<void>
}): Effect.fn.Return<
  {
    readonly active: ReadonlyMap<RequestId, Bid>
    /** How the latest bid on each request has ended, unless it was declined. */
    readonly ended: ReadonlyMap<RequestId, EndedBid>
    /** Takes a request up. Where a bid goes on already, it goes on; one that is about to end is followed by another. */
    readonly takeUp: (where: BidRequest) => Effect.Effect<Bid>
  },
  never,
  BidServices | Scope.Scope
> {
  const active = new Map<RequestId, Bid>()
  const ended = new Map<RequestId, EndedBid>()
  /** Those that are taken up again once they have ended. */
  const again = new Set<RequestId>()
  const running = yield* FiberSet.make()
  const services = yield* Effect.context<BidServices>()

  const remember = ({ requestId, request }: Bid, outcome: BidOutcome) => {
    ended.delete(requestId)
    if (outcome._tag === "Declined") return
    ended.set(requestId, { requestId, request, outcome })
    dropOldest(ended, kept, (id) => options.workshop.ownOffers.isOwed(id))
  }

  const runToEnd = Effect.fnUntraced(function* (bid: Bid): Effect.fn.Return<void> {
    const outcome = yield* Effect.provide(Effect.scoped(bid.run), services)
    // The chain shows a contract that has failed as payable for ever.
    if (outcome._tag === "Failed") options.workshop.ownOffers.settle(bid.requestId)
    active.delete(bid.requestId)
    remember(bid, outcome)
    yield* options.onEnd(bid, outcome)
    if (again.delete(bid.requestId)) yield* takeUp(bid)
  })

  const takeUp = Effect.fnUntraced(function* ({ requestId, request }: BidRequest): Effect.fn.Return<Bid> {
    const fresh = yield* Bid.make({ requestId, request }, options.workshop)
    const going = active.get(requestId)
    if (going !== undefined) {
      const { _tag } = yield* going.state
      if (_tag === "Clearing" || _tag === "Ended") again.add(requestId)
      return going
    }
    active.set(requestId, fresh)
    yield* FiberSet.run(running, runToEnd(fresh))
    return fresh
  })

  return { active, ended, takeUp }
})

export type BidBook = Effect.Success<ReturnType<typeof makeBidBook>>
