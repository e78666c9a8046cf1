import { layer } from "@effect/vitest"
import type { Layer } from "effect"
import type { MarketBed } from "./MarketBed.ts"
import type { SuiteOptions } from "./MarketTest.ts"
import type { OfferBed } from "./OfferBed.ts"
import { contracts } from "./offers/Contracts.ts"
import { events } from "./offers/Events.ts"
import { missingProofs } from "./offers/MissingProofs.ts"
import { money } from "./offers/Money.ts"
import type { OfferIt } from "./offers/OfferScenario.ts"
import { offers } from "./offers/Offers.ts"
import { proofs } from "./offers/Proofs.ts"
import { refunds } from "./offers/Refunds.ts"
import { requests } from "./offers/Requests.ts"
import { selections } from "./offers/Selections.ts"
import { withOptions } from "./offers/WithOptions.ts"

const declare = <E>(
  name: string,
  beds: Layer.Layer<MarketBed | OfferBed, E>,
  options: SuiteOptions | undefined,
  behaviours: ReadonlyArray<(it: OfferIt) => void>,
): void =>
  layer(beds, { excludeTestServices: options?.clock === "live", timeout: "60 seconds" })(name, (it) => {
    for (const declareAll of behaviours) declareAll(it)
  })

/** The behaviours of the offer market, one test each. */
export const OfferMarketTest = {
  /** Declares the tests of an implementation whose market has `MarketplaceOptions.standard`, or differs from it in who owns what is slashed. */
  suite: <E>(name: string, beds: Layer.Layer<MarketBed | OfferBed, E>, options?: SuiteOptions): void =>
    declare(name, beds, options, [
      requests,
      offers,
      selections,
      contracts,
      refunds,
      proofs,
      missingProofs,
      money,
      events,
    ]),

  /** Declares the tests of an implementation whose market demands collateral for every contract. */
  suiteWithOptions: <E>(name: string, beds: Layer.Layer<MarketBed | OfferBed, E>, options?: SuiteOptions): void =>
    declare(name, beds, options, [withOptions]),
}
