import { Market, MarketEvents } from "@pecia/market"
import { Effect, Option } from "effect"
import type { MarkedMarket } from "./markedMarket.ts"

/** The marketplace, as validation sees it. */
export const marketplace = Effect.gen(function* () {
  const market = yield* Market
  return {
    config: market.config,
    follow: (listener, options) =>
      MarketEvents.follow((event) => {
        if (event._tag === "SlotFilled") return listener.filled(event.slotId)
        return event._tag === "ChainReorganised" ? listener.reorganised : Effect.void
      }, options).pipe(Effect.provideService(Market, market)),
    isKept: Effect.fnUntraced(function* (slotId) {
      if ((yield* market.slotState(slotId)) !== "Filled") return false
      return Option.exists(yield* market.getHost(slotId), (host) => host !== market.account)
    }),
    mark: market.markProofAsMissing,
  } satisfies MarkedMarket
})
