import { layer } from "@effect/vitest"
import { OfferArena, offerTerms, runOfferSeeds } from "./differential/offers/OfferDifferential.ts"
import { OfferTally } from "./differential/offers/OfferTally.ts"
import { keptFor, offerSeeds, seedsFor } from "./differential/seeds.ts"

// A few sequences; `npm run test:deep` runs 500. A seed that is named runs alone.

const sequencesPerMarket = 2
const { SEED } = process.env
const tally = new OfferTally()

for (const [place, terms] of offerTerms.entries()) {
  const named = SEED === undefined ? [] : [Number(SEED)].filter((seed) => seed % offerTerms.length === place)
  const kept = keptFor(place, offerSeeds)
  const seeds = SEED === undefined ? [...kept, ...seedsFor(place, 0, sequencesPerMarket)] : named
  if (seeds.length === 0) continue
  layer(OfferArena.layer(terms), { excludeTestServices: true, timeout: "60 seconds" })(`When ${terms.name}`, (it) => {
    it.effect("MemoryOfferMarket and the contract do the same", () => runOfferSeeds(seeds, tally), 120_000)
  })
}
