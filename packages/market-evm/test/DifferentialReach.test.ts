import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { runSequence } from "./differential/Differential.ts"
import { Tally } from "./differential/Tally.ts"
import { allTerms } from "./differential/Terms.ts"

describe("The sequences that are given to both markets", () => {
  it.effect(
    "reach every error, every event and every state of the rules",
    () =>
      Effect.gen(function* () {
        const tally = new Tally()
        for (let round = 0; round < 12; round++) {
          for (const [place, terms] of allTerms.entries()) {
            yield* runSequence(round * allTerms.length + place, terms, tally, undefined)
          }
        }
        assert.deepStrictEqual(tally.missing, [])
      }),
    60_000,
  )
})
