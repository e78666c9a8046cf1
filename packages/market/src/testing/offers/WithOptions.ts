import { describe } from "@effect/vitest"
import { Effect } from "effect"
import { InsufficientCollateral } from "../../MarketError.ts"
import { HostLacksCollateral } from "../../OfferError.ts"
import { MarketBed } from "../MarketBed.ts"
import { failsWith } from "../Scenario.ts"
import { newBidder, newOffer, type OfferIt, offered, requested } from "./OfferScenario.ts"

/** What an offer market does that demands collateral for every contract. */
export const withOptions = (it: OfferIt) =>
  describe("with collateral for every contract", () => {
    it.effect(
      "a host needs the initial amount for each contract that it keeps, when it offers and when it is selected",
      () =>
        Effect.gen(function* () {
          const bed = yield* MarketBed
          const host = yield* newBidder(2n)
          const { account } = host
          const [first, second, third] = [yield* requested(), yield* requested(), yield* requested()]
          const ids = []
          for (const scene of [first, second, third]) ids.push(yield* host.offerStorage(newOffer(host, scene)))
          const [one, two, three] = ids
          if (!one || !two || !three) return yield* Effect.die("three offers")
          yield* first.client.selectOffer(one)
          yield* second.client.selectOffer(two)
          yield* failsWith(third.client.selectOffer(three), new HostLacksCollateral({ offerId: three }))
          const another = newOffer(host, third, { price: 1n })
          yield* failsWith(host.offerStorage(another), new InsufficientCollateral({ account }))
          yield* host.startContract(one)
          yield* failsWith(host.offerStorage(another), new InsufficientCollateral({ account }))
          yield* bed.advanceTo(second.request.expiry)
          yield* second.client.withdrawFunds(second.requestId)
          const later = yield* requested()
          yield* later.client.selectOffer(yield* host.offerStorage(newOffer(host, later)))
        }),
    )

    it.effect("collateral is not counted twice while bids are not decided", () =>
      Effect.gen(function* () {
        const { host } = yield* offered()
        const scene = yield* requested()
        yield* host.offerStorage(newOffer(host, scene))
      }),
    )
  })
