import { assert, describe, it } from "@effect/vitest"
import { MarketplaceConfig } from "@pecia/contracts-abi"
import { Effect, Random, Schema } from "effect"
import { OfferBed, OfferSimulation } from "../src/testing/index.ts"

/** Hard on hosts: three missed proofs cost the contract. */
const config = new MarketplaceConfig({
  collateral: { initialAmount: 100n, minimumAmount: 40n, slashCriterion: 1n, slashPercentage: 30n },
  proofs: { period: 10n, timeout: 9n, downtime: 20n },
})

const simulate = (seed: number) =>
  OfferSimulation.run.pipe(Random.withSeed(seed), Effect.provide(OfferBed.layerMemory({ config })))

describe("Five hosts that bid on fifty requests", () => {
  it.effect.prop("end with every token accounted for, whatever they do", [Schema.Int], ([seed]) => simulate(seed), {
    arbitrary: { runs: 20 },
  })

  it.effect("do all that can be done", () =>
    Effect.gen(function* () {
      const counts = yield* simulate(7)
      const missing = [
        ...["not selected", "Released", "Finished", "Failed"],
        ...["offerStorage ok", "offerStorage RequestExpired", "offerStorage PriceTooHigh"],
        ...["selectOffer ok", "startContract ok", "startContract RequestExpired"],
        ...["submitProof ok", "markProofAsMissing ok", "markProofAsMissing ProofNotMissing"],
        ...["finishContract ok", "withdrawFunds ok", "withdrawFunds InvalidState"],
      ].filter((what) => !counts.has(what))
      assert.deepStrictEqual(missing, [])
    }),
  )
})
