import { readFileSync } from "node:fs"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { solidityProofVectors, vectorsPath } from "./solidityProofVectors.ts"

// What TypeScript says of them: packages/proving/test/solidityProofVectors.test.ts.
it.effect("the proofs that Solidity makes are those that packages/proving tests", () =>
  Effect.gen(function* () {
    const written = readFileSync(vectorsPath, "utf8")
    const fresh = "Run test/fixtures/writeSolidityProofVectors.ts in packages/contracts and commit the result."
    assert.strictEqual(yield* solidityProofVectors, written, fresh)
  }),
)
