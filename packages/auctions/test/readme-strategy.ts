import { SelectingStrategy, Selection } from "@pecia/auctions"
import { Effect, Layer } from "effect"

/** The first offer of a host that is known. */
export const layerKnownHosts = (known: ReadonlySet<string>) =>
  Layer.succeed(SelectingStrategy, {
    select: ({ candidates, request }) => {
      const first = candidates.find(({ offer }) => known.has(offer.host))
      if (first === undefined) return Effect.succeed(Selection.Wait({ until: request.expiry }))
      return Effect.succeed(Selection.Select({ offerId: first.offerId }))
    },
  })
