import { readFileSync, writeFileSync } from "node:fs"
import { assert } from "@effect/vitest"
import { Effect, Schema } from "effect"
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

/** Runs one sequence after the other. What differs is told, and its seed kept, when all have run. */
export const runAll = Effect.fnUntraced(function* <E, R>(
  seeds: ReadonlyArray<number>,
  file: URL,
  run: (seed: number) => Effect.Effect<void, Mismatch | E, R>,
) {
  const mismatches: Array<Mismatch> = []
  for (const seed of seeds) {
    yield* Effect.catchIf(
      run(seed),
      (error): error is Mismatch => error instanceof Mismatch,
      (mismatch) =>
        Effect.andThen(
          keep(file, seed),
          Effect.sync(() => mismatches.push(mismatch)),
        ),
    )
  }
  const told = mismatches.slice(0, 3).map(({ message }) => message)
  if (mismatches.length > 0)
    assert.fail([...told, `${mismatches.length} of ${seeds.length} sequences differ.`].join("\n\n"))
})

/** The same on both marketplaces. */
export const runSeeds = Effect.fnUntraced(function* (seeds: ReadonlyArray<number>, tally: Tally) {
  const arena = yield* Arena
  yield* runAll(seeds, marketSeeds, (seed) => Effect.andThen(arena.clear, runSequence(seed, arena.terms, tally, arena)))
})
