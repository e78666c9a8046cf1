import { assert, layer } from "@effect/vitest"
import { OfferSimulation } from "@pecia/market/testing"
import { Effect, Random } from "effect"
import { layerOfferAnvilBed } from "./OfferAnvilBed.ts"

layer(layerOfferAnvilBed, { excludeTestServices: true, timeout: "60 seconds" })(
  "Five hosts that bid on fifty requests on anvil",
  (it) => {
    it.effect(
      "end with every token accounted for",
      () =>
        Effect.gen(function* () {
          const counts = yield* Random.withSeed(OfferSimulation.run, 7)
          for (const end of ["not selected", "Released", "Finished", "Failed"]) assert.isTrue(counts.has(end), end)
        }),
      300_000,
    )
  },
)
