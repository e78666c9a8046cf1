import { ChainClock } from "@pecia/clock"
import { OpenRequest } from "@pecia/contracts-abi"
import { relentlessly, settled, submit } from "@pecia/machine"
import { type InvalidState, OfferMarket } from "@pecia/market"
import { Effect, Option, type Scope } from "effect"
import { AuctionMachine } from "../AuctionMachine.ts"
import type { AuctionEnd } from "../AuctionOutcome.ts"
import { AuctionFact, AuctionState, AuctionWork } from "../AuctionState.ts"
import type { SelectingStrategy } from "../SelectingStrategy.ts"
import { look } from "./look.ts"
import { type Auctioneer, makeSelecting, type Sight } from "./selecting.ts"

/** Does the work of a state. What it sends is `settled`, and it asks the chain before it sends anything. */
export const perform = (sight: Sight, auctioneer: Auctioneer) => {
  const { id } = sight.deal

  const request = Effect.gen(function* () {
    const market = yield* OfferMarket
    const clock = yield* ChainClock
    const { request } = sight.deal
    return yield* submit({
      what: `Request ${id}`,
      look: Effect.map(
        look(sight.deal),
        (standing): Option.Option<AuctionFact> =>
          standing._tag === "Unknown" ? Option.none() : Option.some(AuctionFact.ChainSays({ standing })),
      ),
      isSensible: Effect.map(clock.now, (now) => OpenRequest.sense(request, { now }).length === 0),
      approve: market.approveFunds(request.maxPrice),
      send: market.requestStorage(request),
      limit: (sending) => clock.withTimeout(sending, request.expiry),
      arrived: AuctionFact.Requested(),
      refused: (detail) => AuctionFact.Refused({ detail }),
    })
  })

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
      Request: () => request,
      Select: () => select,
      Refund: ({ end }) => relentlessly(`The refund of auction ${id} could not be had`, refund(end)),
    })
}
