import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { measureGas, verifiedLabels } from "../scripts/gas.ts"
import { snapshotFile } from "../scripts/generate.ts"
import { gasText } from "../scripts/snapshots.ts"

/** Of a whole submitProof that verifies 5 samples of a slot of 1 GiB among four. */
const limits = [
  [verifiedLabels.submit, 185_000],
  [`${verifiedLabels.submit}, on Prague rules`, 195_000],
] as const

describe("the gas of transactions", () => {
  it.effect(
    "is what the snapshot says, and that of verified proofs is below its limits",
    () =>
      Effect.gen(function* () {
        const rows = yield* measureGas
        for (const [label, limit] of limits) {
          const row = rows.find((row) => row.label === label)
          assert.isAtMost(row?.gas ?? Number.POSITIVE_INFINITY, limit, label)
        }
        const { content, path } = snapshotFile("gas", gasText(rows))
        const stale = 'snapshots/gas.txt is stale. Run "pnpm snapshot" in packages/contracts and commit the result.'
        assert.strictEqual(readFileSync(path, "utf8"), content, stale)
      }),
    120_000,
  )
})
