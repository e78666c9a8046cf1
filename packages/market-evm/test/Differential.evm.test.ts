import { layer } from "@effect/vitest"
import { Arena } from "./differential/Arena.ts"
import { keptFor, runSeeds, seedsFor } from "./differential/seeds.ts"
import { Tally } from "./differential/Tally.ts"
import { allTerms } from "./differential/Terms.ts"

// A few sequences; `npm run test:deep` runs 500. A seed that is named runs alone.

const sequencesPerMarketplace = 2
const { SEED } = process.env
const tally = new Tally()

for (const [place, terms] of allTerms.entries()) {
  const named = SEED === undefined ? [] : [Number(SEED)].filter((seed) => seed % allTerms.length === place)
  const seeds = SEED === undefined ? [...keptFor(place), ...seedsFor(place, 0, sequencesPerMarketplace)] : named
  if (seeds.length === 0) continue
  layer(Arena.layer(terms), { excludeTestServices: true, timeout: "60 seconds" })(`When ${terms.name}`, (it) => {
    it.effect("MemoryMarket and the contract do the same", () => runSeeds(seeds, tally), 120_000)
  })
}
