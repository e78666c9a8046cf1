import { layer } from "@effect/vitest"
import type { Layer } from "effect"
import { collateral } from "./behaviours/Collateral.ts"
import { events } from "./behaviours/Events.ts"
import { holes } from "./behaviours/Holes.ts"
import { missingProofs } from "./behaviours/MissingProofs.ts"
import { money } from "./behaviours/Money.ts"
import { payouts } from "./behaviours/Payouts.ts"
import { proofs } from "./behaviours/Proofs.ts"
import { refusals } from "./behaviours/Refusals.ts"
import { requestStates } from "./behaviours/RequestStates.ts"
import { requests } from "./behaviours/Requests.ts"
import { slotStates } from "./behaviours/SlotStates.ts"
import { slots } from "./behaviours/Slots.ts"
import { withOptions } from "./behaviours/WithOptions.ts"
import type { MarketBed } from "./MarketBed.ts"

import type { It } from "./Scenario.ts"

export interface SuiteOptions {
  /** `"live"` for a bed that stands on real processes; by default the tests run under `TestClock`. */
  readonly clock?: "live"
}

const declare = <E>(
  name: string,
  bed: Layer.Layer<MarketBed, E>,
  options: SuiteOptions | undefined,
  behaviours: ReadonlyArray<(it: It) => void>,
): void =>
  layer(bed, { excludeTestServices: options?.clock === "live", timeout: "60 seconds" })(name, (it) => {
    for (const declareAll of behaviours) declareAll(it)
  })

/** The behaviours of the contract (contract interface, sections 2 to 6), one test each. */
export const MarketTest = {
  /** Declares the tests of an implementation whose market has `MarketplaceOptions.standard`, or differs from it in who owns what is slashed. */
  suite: <E>(name: string, bed: Layer.Layer<MarketBed, E>, options?: SuiteOptions): void =>
    declare(name, bed, options, [
      requests,
      refusals,
      requestStates,
      slots,
      slotStates,
      payouts,
      proofs,
      missingProofs,
      collateral,
      events,
      money,
      holes,
    ]),

  /** Declares the tests of an implementation whose market demands collateral per slot and has a treasury of its own. */
  suiteWithOptions: <E>(name: string, bed: Layer.Layer<MarketBed, E>, options?: SuiteOptions): void =>
    declare(name, bed, options, [withOptions]),
}
