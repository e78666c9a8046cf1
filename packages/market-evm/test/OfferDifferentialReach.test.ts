import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { offerTerms, runOfferSequence } from "./differential/offers/OfferDifferential.ts"
import { OfferTally } from "./differential/offers/OfferTally.ts"

describe("The sequences that are given to both offer markets", () => {
  it.effect(
    "reach every error, every event and every state of the rules",
    () =>
      Effect.gen(function* () {
        const tally = new OfferTally()
        for (let round = 0; round < 30; round++) {
          for (const [place, terms] of offerTerms.entries()) {
            yield* runOfferSequence(round * offerTerms.length + place, terms, tally, undefined)
          }
        }
        assert.deepStrictEqual(tally.missing, [], tally.lines.join("\n"))
      }),
    60_000,
  )
})
