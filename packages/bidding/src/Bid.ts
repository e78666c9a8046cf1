import type { Offer, OfferId, OpenRequest, RequestId } from "@pecia/contracts-abi"
import { runMachine } from "@pecia/machine"
import { Effect, Queue, type Scope, type Stream, SubscriptionRef } from "effect"
import { BidMachine } from "./BidMachine.ts"
import { type BidFact, type BidOutcome, BidState, type BidWork } from "./BidState.ts"
import { type BidServices, perform, type Workshop } from "./internal/bidWork.ts"
import { watch } from "./internal/look.ts"

/** An open request, by its id. */
export interface BidRequest {
  readonly requestId: RequestId
  readonly request: OpenRequest
}

/** An offer of this host, by its id. */
export interface OwnOffer {
  readonly offerId: OfferId
  readonly offer: Offer
}

/** The bid on one request: a machine that follows the chain until the contract is paid, or another host has it, or it is given up. */
export interface Bid extends BidRequest {
  readonly state: Effect.Effect<BidState>
  /** The state and each one after it. */
  readonly states: Stream.Stream<BidState>
  /** Something has happened on the chain that concerns the request. Never waits. */
  readonly poke: Effect.Effect<void>
  /** Whether the bid gave back what it held. */
  readonly gaveBack: Effect.Effect<boolean>
  /** Runs the bid to its end. Interrupted, it is where it was when the next one is run for the request. */
  readonly run: Effect.Effect<BidOutcome, never, BidServices | Scope.Scope>
}

/** The states of a bid that are told more quietly: those that a declined request goes through each minute. */
const isRoutine = ({ _tag }: BidState) => _tag === "Restoring" || _tag === "Reserving" || _tag === "Ended"

export const Bid = {
  make: Effect.fnUntraced(function* (where: BidRequest, workshop: Workshop): Effect.fn.Return<Bid> {
    const { requestId } = where
    const initial = BidState.Restoring()
    const current = yield* SubscriptionRef.make<BidState>(initial)
    const pokes = yield* Queue.sliding<void>(1)
    let gaveBack = false
    const poke = Effect.asVoid(Queue.offer(pokes, undefined))

    const run = Effect.gen(function* () {
      const last = yield* runMachine<BidState, BidFact, BidWork, BidServices | Scope.Scope>({
        initial,
        decide: BidMachine.decide,
        work: BidMachine.work,
        hasEnded: (state) => state._tag === "Ended",
        perform: perform(where, workshop),
        watch: (tell) => watch(where, workshop.ownOffers, pokes, tell),
        onEnter: Effect.fnUntraced(function* (state) {
          yield* SubscriptionRef.set(current, state)
          if (state._tag === "Clearing") gaveBack = true
          const tell = isRoutine(state) ? Effect.logDebug : Effect.logInfo
          yield* tell(`Bid on request ${requestId}: ${BidMachine.restName(state)}`)
          yield* poke
        }),
      })
      return last._tag === "Ended" ? last.outcome : yield* Effect.die("a bid stopped before its end")
    })

    return {
      ...where,
      state: SubscriptionRef.get(current),
      states: SubscriptionRef.changes(current),
      poke,
      gaveBack: Effect.sync(() => gaveBack),
      run,
    }
  }),
}
