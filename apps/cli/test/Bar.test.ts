import { assert, describe, it } from "@effect/vitest"
import { line } from "../src/Bar.ts"

describe("the line of a bar", () => {
  it.each([
    [{ doneBytes: 0n, totalBytes: 2_097_152n }, `coding [${" ".repeat(30)}] 0% of 2.0 MiB`],
    [{ doneBytes: 1_048_576n, totalBytes: 2_097_152n }, `coding [${"=".repeat(15)}${" ".repeat(15)}] 50% of 2.0 MiB`],
    [{ doneBytes: 2_097_152n, totalBytes: 2_097_152n }, `coding [${"=".repeat(30)}] 100% of 2.0 MiB`],
    [{ doneBytes: 9n, totalBytes: 8n }, `coding [${"=".repeat(30)}] 100% of 0.0 MiB`],
    [{ doneBytes: 0n, totalBytes: 0n }, `coding [${"=".repeat(30)}] 100% of 0.0 MiB`],
    [{ doneBytes: 1_572_864n, totalBytes: null }, "coding 1.5 MiB"],
  ])("tells how far %o is", (done, expected) => {
    assert.strictEqual(line("coding", done), expected)
  })
})
