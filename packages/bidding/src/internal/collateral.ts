import type { RequestId } from "@pecia/contracts-abi"
import { OfferMarket, Stake } from "@pecia/market"
import { Reservations } from "@pecia/reservations"
import { Effect, Semaphore } from "effect"
import type { OwnOffers } from "./ownOffers.ts"

/**
 * The host's stake in the offer market.
 *
 * Law: nothing is offered unless the collateral is `initialAmount` for each request that holds space, this one included: those are the
 * bids from the offer to the payout; and for each contract that was given up, until it is released. The contract itself may ask for
 * less, as that of fixed prices. Slashing is made good at the next offer. No space is held unless the tokens suffice for all bids that
 * would hold some then.
 */
export const makeCollateral = Effect.fnUntraced(function* (ownOffers: OwnOffers) {
  const market = yield* OfferMarket
  const reservations = yield* Reservations
  const stake = Stake.of(market)
  const oneAtATime = yield* Semaphore.make(1)

  /** How many contracts are to be covered, this one included. */
  const contractsWith = Effect.fnUntraced(function* (requestId: RequestId) {
    const held = (yield* reservations.reservations).filter((one) => one.market === "OfferMarket")
    return new Set([...held.map((one) => one.requestId), ...ownOffers.held, requestId]).size
  })

  return {
    /** Reserves space, if all that then have some can be covered. One at a time, so that no tokens are counted twice. */
    beforeReserving: <A, E, R>(requestId: RequestId, reserve: Effect.Effect<A, E, R>) =>
      contractsWith(requestId).pipe(Effect.flatMap(stake.check), Effect.andThen(reserve), oneAtATime.withPermits(1)),
    /** Deposits what is missing to offer. */
    cover: (requestId: RequestId) =>
      contractsWith(requestId).pipe(Effect.flatMap(stake.cover), oneAtATime.withPermits(1)),
    /** Takes the whole collateral back. */
    withdraw: oneAtATime.withPermits(1)(market.withdraw),
  }
})

export type Collateral = Effect.Success<ReturnType<typeof makeCollateral>>
