import { Effect } from "effect"
import { followEvents } from "./internal/followEvents.ts"
import type { OfferEvent } from "./OfferEvent.ts"
import { OfferMarket } from "./OfferMarket.ts"

export const OfferEvents = {
  /** `MarketEvents.follow`, for the events of the offer market. */
  follow: <R>(
    handle: (event: OfferEvent) => Effect.Effect<void, never, R>,
    options?: { readonly fromBlock?: bigint },
  ): Effect.Effect<never, never, R | OfferMarket> =>
    Effect.flatMap(OfferMarket, ({ events }) => followEvents("offer market", events, handle, options)),
}
