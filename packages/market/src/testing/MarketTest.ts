import { layer } from "@effect/vitest"
import type { Layer } from "effect"
import { collateral } from "./behaviours/Collateral.ts"
import { events } from "./behaviours/Events.ts"
import { missingProofs } from "./behaviours/MissingProofs.ts"
import { money } from "./behaviours/Money.ts"
import { proofs } from "./behaviours/Proofs.ts"
import { requestStates } from "./behaviours/RequestStates.ts"
import { requests } from "./behaviours/Requests.ts"
import { slotStates } from "./behaviours/SlotStates.ts"
import { slots } from "./behaviours/Slots.ts"
import type { MarketBed } from "./MarketBed.ts"

/** The behaviours of the contract (contract interface, sections 2 to 5), one test each. */
export const MarketTest = {
  /**
   * Declares the tests of an implementation.
   *
   * @param clock `"live"` for a bed that stands on real processes; by default the tests run under `TestClock`.
   */
  suite: <E>(name: string, bed: Layer.Layer<MarketBed, E>, options?: { readonly clock?: "live" }): void =>
    layer(bed, { excludeTestServices: options?.clock === "live", timeout: "60 seconds" })(name, (it) => {
      requests(it)
      requestStates(it)
      slots(it)
      slotStates(it)
      proofs(it)
      missingProofs(it)
      collateral(it)
      events(it)
      money(it)
    }),
}
