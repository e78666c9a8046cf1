import { assert, describe, it, layer } from "@effect/vitest"
import { Array as Arr, Effect, Random } from "effect"
import { OfferArena, offerTerms, runOfferSeeds } from "./differential/offers/OfferDifferential.ts"
import { OfferTally } from "./differential/offers/OfferTally.ts"
import { keptFor, offerSeeds, seedsFor } from "./differential/seeds.ts"

// Other sequences each time, unless the first seed is named.

const sequencesPerTest = 25
const testsPerMarket = 4
const { FIRST_SEED } = process.env
const first = FIRST_SEED === undefined ? Effect.runSync(Random.nextIntBetween(0, 1_000_000_000)) : Number(FIRST_SEED)
const tally = new OfferTally()

for (const [place, terms] of offerTerms.entries()) {
  layer(OfferArena.layer(terms), { excludeTestServices: true, timeout: "60 seconds" })(`When ${terms.name}`, (it) => {
    const seeds = seedsFor(place, first, sequencesPerTest * testsPerMarket)
    const run = (seeds: ReadonlyArray<number>, which: string) =>
      it.effect(`MemoryOfferMarket and the contract do the same: ${which}`, () => runOfferSeeds(seeds, tally), 600_000)
    run(keptFor(place, offerSeeds), "seeds that were kept")
    for (const part of Arr.chunksOf(seeds, sequencesPerTest)) run(part, `seeds ${part[0]} to ${part.at(-1)}`)
  })
}

describe("The sequences of the offer market", () => {
  it("have reached every error, every event and every state of the rules", () => {
    assert.deepStrictEqual(tally.missing, [], tally.lines.join("\n"))
  })
})
