import { ChainClock } from "@pecia/clock"
import { OfferId } from "@pecia/contracts-abi"
import { OfferEvents, OfferMarket } from "@pecia/market"
import { Effect, Option } from "effect"
import type { MarkedMarket } from "./markedMarket.ts"

/** The contracts of the offer market, as validation sees them. */
export const contracts = Effect.gen(function* () {
  const market = yield* OfferMarket
  const clock = yield* ChainClock
  return {
    config: market.config,
    follow: (listener, options) =>
      OfferEvents.follow((event) => {
        if (event._tag === "ContractStarted") return listener.filled(OfferId.slotId(event.offerId))
        return event._tag === "ChainReorganised" ? listener.reorganised : Effect.void
      }, options).pipe(Effect.provideService(OfferMarket, market)),
    isKept: Effect.fnUntraced(function* (slotId) {
      const offerId = OfferId.make(slotId)
      if ((yield* market.contractState(offerId)) !== "Started") return false
      // a contract that nobody has finished is still Started after its end
      const now = yield* clock.now
      if (!Option.exists(yield* market.proofEnd(offerId), (end) => now <= end)) return false
      return Option.exists(yield* market.getOffer(offerId), ({ host }) => host !== market.account)
    }),
    mark: (slotId, period) => market.markProofAsMissing(OfferId.make(slotId), period),
  } satisfies MarkedMarket
})
