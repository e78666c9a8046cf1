import { assert, describe, it, layer } from "@effect/vitest"
import { Array as Arr, Effect, Random } from "effect"
import { Arena } from "./differential/Arena.ts"
import { keptFor, runSeeds, seedsFor } from "./differential/seeds.ts"
import { Tally } from "./differential/Tally.ts"
import { allTerms } from "./differential/Terms.ts"

// Other sequences each time, unless the first seed is named.

const sequencesPerTest = 25
const testsPerMarketplace = 4
const { FIRST_SEED } = process.env
const first = FIRST_SEED === undefined ? Effect.runSync(Random.nextIntBetween(0, 1_000_000_000)) : Number(FIRST_SEED)
const tally = new Tally()

for (const [place, terms] of allTerms.entries()) {
  layer(Arena.layer(terms), { excludeTestServices: true, timeout: "60 seconds" })(`When ${terms.name}`, (it) => {
    const seeds = seedsFor(place, first, sequencesPerTest * testsPerMarketplace)
    const run = (seeds: ReadonlyArray<number>, which: string) =>
      it.effect(`MemoryMarket and the contract do the same: ${which}`, () => runSeeds(seeds, tally), 600_000)
    run(keptFor(place), "seeds that were kept")
    for (const part of Arr.chunksOf(seeds, sequencesPerTest)) run(part, `seeds ${part[0]} to ${part.at(-1)}`)
  })
}

describe("The sequences", () => {
  it("have reached every error, every event and every state of the rules", () => {
    console.log(["How often each thing came:", ...tally.lines].join("\n"))
    assert.deepStrictEqual(tally.missing, [])
  })
})
