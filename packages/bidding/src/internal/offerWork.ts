import { ChainClock } from "@pecia/clock"
import { Offer } from "@pecia/contracts-abi"
import { settled } from "@pecia/machine"
import { OfferMarket } from "@pecia/market"
import { Reservations, SlotDemand } from "@pecia/reservations"
import { Effect, Option } from "effect"
import type { BidRequest } from "../Bid.ts"
import { BidFact } from "../BidState.ts"
import { bidVolume } from "../BidVolume.ts"
import { OfferDeclined, OfferingStrategy } from "../OfferingStrategy.ts"
import type { Workshop } from "./bidWork.ts"

// What a bid does until its offer is on the chain.

/** It may be otherwise later. */
export const declined = ({ message }: { readonly message: string }) =>
  Effect.succeed(BidFact.Declined({ reason: message }))

/** Holds space from now on, through the wait for the client, to the end of the contract. */
const hold = Effect.fnUntraced(function* ({ requestId, request }: BidRequest) {
  const { config } = yield* OfferMarket
  const reservations = yield* Reservations
  yield* reservations
    .reserve(
      new SlotDemand({
        market: "OfferMarket",
        requestId,
        slotIndex: 0n,
        slotId: bidVolume(requestId),
        sizeBytes: request.size,
        durationSeconds: request.duration,
        pricePerSecond: request.maxPrice / request.duration,
        collateral: (yield* config).collateral.initialAmount,
        endSeconds: request.expiry + request.duration,
      }),
    )
    .pipe(Effect.catchTag("AlreadyReserved", () => Effect.void))
})

/** Declines what would bind space and collateral for too long before the client decides. */
const withPatience = Effect.fnUntraced(function* ({ request: { expiry } }: BidRequest, patienceSeconds: bigint) {
  const wait = expiry - (yield* Effect.flatMap(ChainClock, (clock) => clock.now))
  if (wait <= patienceSeconds) return
  const reason = `The client may take ${wait} seconds to decide; this host waits ${patienceSeconds} at most.`
  return yield* new OfferDeclined({ reason })
})

export const reserve = (where: BidRequest, { collateral, patienceSeconds }: Workshop) =>
  withPatience(where, patienceSeconds).pipe(
    Effect.andThen(collateral.beforeReserving(where.requestId, hold(where))),
    Effect.as(BidFact.Reserved()),
    Effect.catchTag(["NoMatch", "CollateralTooLow", "OfferDeclined"], declined),
  )

export const recover = (where: BidRequest) =>
  hold(where).pipe(Effect.as(BidFact.Reserved()), Effect.catchTag("NoMatch", declined))

/** Token base units: the least for which the space that is held would be let. */
const costOf = Effect.fnUntraced(function* ({ requestId, request }: BidRequest) {
  const reservations = yield* Reservations
  const held = yield* reservations.reservation(bidVolume(requestId))
  if (Option.isNone(held)) return yield* new OfferDeclined({ reason: "The space that was held for it is gone." })
  const { minPricePerBytePerSecond } = yield* reservations.availability(held.value.availabilityId)
  return minPricePerBytePerSecond * request.size * request.duration
})

/** A function of the price, so that after a restart the same offer is made again, and found. */
const composeOffer = Effect.fnUntraced(function* (where: BidRequest) {
  const strategy = yield* OfferingStrategy
  const { account } = yield* OfferMarket
  const { requestId, request } = where
  const price = yield* strategy.price({ requestId, request, cost: yield* costOf(where) })
  const offer = new Offer({ host: account, requestId, price, expiry: request.expiry })
  return { offerId: Offer.id(offer), offer }
})

export const makeOffer = Effect.fnUntraced(
  function* (where: BidRequest, { collateral, ownOffers }: Workshop) {
    const market = yield* OfferMarket
    const own = yield* composeOffer(where)
    if (Option.isNone(yield* market.getOffer(own.offerId))) {
      yield* settled(collateral.cover(where.requestId))
      yield* settled(market.offerStorage(own.offer)).pipe(Effect.catchTag("OfferAlreadyExists", () => Effect.void))
    }
    ownOffers.remember(own)
    return BidFact.Offered()
  },
  Effect.catchTag(["OfferDeclined", "CollateralTooLow", "MaxLocksReached", "PriceTooHigh"], declined),
)

/** Either the chain has moved on in between, which shows when it is asked anew, or the collateral was slashed and is topped up. */
export const mayPassWhenAskedAnew = (error: { readonly _tag: string }) =>
  error._tag === "InsufficientCollateral" || error._tag === "RequestExpired" || error._tag === "UnknownRequest"
