import { readFileSync, writeFileSync } from "node:fs"
import { assert } from "@effect/vitest"
import { Cause, Effect, Exit, Schema } from "effect"
import { Arena } from "./Arena.ts"
import { runSequence } from "./Differential.ts"
import { Mismatch } from "./Duel.ts"
import type { Tally } from "./Tally.ts"
import { allTerms } from "./Terms.ts"

/** Where the seeds are kept of one kind of contract. */
export const marketSeeds = new URL("../differential-seeds.json", import.meta.url)
export const offerSeeds = new URL("../differential-offer-seeds.json", import.meta.url)

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Array(Schema.Int)))

/** The seeds that have shown a difference once: always run first, so that none of them comes back. */
const kept = (file: URL): ReadonlyArray<number> => decode(readFileSync(file, "utf8"))

const keep = (file: URL, seed: number) =>
  Effect.sync(() => {
    const seeds = Array.from(new Set([...kept(file), seed]))
    writeFileSync(file, `[${seeds.join(", ")}]\n`)
  })

/** Of each seed follows which marketplace it is for. */
export const termsOf = (seed: number) => allTerms[seed % allTerms.length]

/** The `count` seeds from `first` on that are for one marketplace. */
export const seedsFor = (place: number, first: number, count: number): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, i) => (Math.floor(first / allTerms.length) + i) * allTerms.length + place)

export const keptFor = (place: number, file = marketSeeds): ReadonlyArray<number> =>
  kept(file).filter((seed) => seed % allTerms.length === place)

/** What a seed has to say for itself: where both sides differ, or of what else its sequence died. */
const complaintOf = (seed: number, cause: Cause.Cause<unknown>) => {
  const error = Cause.squash(cause)
  return error instanceof Mismatch ? error.message : `The sequence of seed ${seed} broke off. ${Cause.pretty(cause)}`
}

/** Runs one sequence after the other. What goes wrong is told, and its seed kept, when all have run. */
export const runAll = Effect.fnUntraced(function* <E, R>(
  seeds: ReadonlyArray<number>,
  file: URL,
  run: (seed: number) => Effect.Effect<void, E, R>,
) {
  const complaints: Array<string> = []
  for (const seed of seeds) {
    const exit = yield* Effect.exit(run(seed))
    if (Exit.isSuccess(exit)) continue
    yield* keep(file, seed)
    complaints.push(complaintOf(seed, exit.cause))
  }
  if (complaints.length > 0)
    assert.fail(
      [...complaints.slice(0, 3), `${complaints.length} of ${seeds.length} sequences went wrong.`].join("\n\n"),
    )
})

/** The same on both marketplaces. */
export const runSeeds = Effect.fnUntraced(function* (seeds: ReadonlyArray<number>, tally: Tally) {
  const arena = yield* Arena
  yield* runAll(seeds, marketSeeds, (seed) => Effect.andThen(arena.clear, runSequence(seed, arena.terms, tally, arena)))
})
