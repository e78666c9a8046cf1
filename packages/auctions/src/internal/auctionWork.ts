import { ChainClock } from "@pecia/clock"
import { OpenRequest } from "@pecia/contracts-abi"
import { backoff, isRetryable, reasonOf, relentlessly, settled } from "@pecia/machine"
import { type InvalidState, OfferMarket } from "@pecia/market"
import { Effect, Predicate, type Scope } from "effect"
import { AuctionMachine } from "../AuctionMachine.ts"
import type { AuctionEnd } from "../AuctionOutcome.ts"
import { AuctionFact, AuctionState, AuctionWork } from "../AuctionState.ts"
import type { SelectingStrategy } from "../SelectingStrategy.ts"
import { look } from "./look.ts"
import { type Auctioneer, makeSelecting, type Sight } from "./selecting.ts"

const neverAccepted = "The request was never accepted by the chain before it would have expired; nothing was paid."

/** What may work when it is tried again: the chain did not answer, or somebody else used up what we had approved. */
const mayPass = (error: unknown) => Predicate.isTagged(error, "InsufficientAllowance") || isRetryable(error)

/** Does the work of a state. What it sends is `settled`, and it asks the chain before it sends anything. */
export const perform = (sight: Sight, auctioneer: Auctioneer) => {
  const { id, request } = sight.deal

  /** A transaction whose outcome was lost may have arrived, so the chain has the last word. */
  const unlessArrived = (detail: string) =>
    relentlessly(
      `Auction ${id} could not be looked at`,
      Effect.map(look(sight.deal), (standing) =>
        standing._tag === "Unknown" ? AuctionFact.Refused({ detail }) : AuctionFact.ChainSays({ standing }),
      ),
    )

  const submit = Effect.gen(function* () {
    const market = yield* OfferMarket
    const clock = yield* ChainClock
    let approved = false
    const send = Effect.gen(function* () {
      const standing = yield* look(sight.deal)
      if (standing._tag !== "Unknown") return AuctionFact.ChainSays({ standing })
      if (OpenRequest.sense(request, { now: yield* clock.now }).length > 0) {
        return AuctionFact.Refused({ detail: neverAccepted })
      }
      if (!approved) yield* settled(market.approveFunds(request.maxPrice))
      approved = true
      yield* settled(market.requestStorage(request))
      return AuctionFact.Requested()
    }).pipe(
      Effect.tapErrorTag("InsufficientAllowance", () =>
        Effect.sync(() => {
          approved = false
        }),
      ),
      Effect.tapError((error) => Effect.logWarning(`Request ${id} could not be sent: ${reasonOf(error)}`)),
      Effect.retry({ schedule: backoff, while: mayPass }),
    )
    return yield* clock.withTimeout(send, request.expiry)
  }).pipe(
    // A chain that did not know it a moment ago may contradict itself for a while; not asked without end.
    Effect.catchTag("RequestAlreadyExists", () => Effect.delay(Effect.succeed(AuctionFact.Requested()), "1 second")),
    Effect.catchTag("TimedOut", () => unlessArrived(neverAccepted)),
    Effect.catch((error) => unlessArrived(reasonOf(error))),
    Effect.catchDefect((defect) => unlessArrived(reasonOf(defect))),
  )

  /** Whether that is all the chain has to say: the auction is over in this way. */
  const isStill = (end: AuctionEnd, said: AuctionFact) => {
    const state = AuctionState.Refunding({ end })
    return AuctionMachine.decide(state, said) === state
  }
  const says = Effect.map(look(sight.deal), (standing) => AuctionFact.ChainSays({ standing }))

  /** It was paid back already, by an earlier run whose answer was lost. A host that did not start is released with it. */
  const nothingLeft = Effect.fnUntraced(function* (end: AuctionEnd, refusal: InvalidState) {
    const said = yield* says
    if (!isStill(end, said)) return said
    return end._tag === "NotStarted" ? yield* refusal : AuctionFact.Refunded()
  })

  const refund = Effect.fnUntraced(function* (end: AuctionEnd) {
    const market = yield* OfferMarket
    const said = yield* says
    if (!isStill(end, said)) return said
    return yield* settled(market.withdrawFunds(id)).pipe(
      Effect.as(AuctionFact.Refunded()),
      Effect.catchTag("InvalidState", (refusal) => nothingLeft(end, refusal)),
    )
  })

  const select = relentlessly(`No offer to auction ${id} could be selected`, makeSelecting(sight, auctioneer))

  return (
    work: AuctionWork,
  ): Effect.Effect<AuctionFact, never, OfferMarket | ChainClock | SelectingStrategy | Scope.Scope> =>
    AuctionWork.$match(work, {
      Request: () => submit,
      Select: () => select,
      Refund: ({ end }) => relentlessly(`The refund of auction ${id} could not be had`, refund(end)),
    })
}
