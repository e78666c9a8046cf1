import { layer } from "@effect/vitest"
import type { Layer } from "effect"
import { collateral } from "./behaviours/Collateral.ts"
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
      collateral(it)
    }),
}
