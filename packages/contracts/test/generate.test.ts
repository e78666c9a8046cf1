import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { generate, stale, write } from "../scripts/generate.ts"

describe("generated files", () => {
  it("are committed as the Solidity sources compile: artifacts, ABIs, sizes and storage layout", {
    timeout: 600_000,
  }, () => {
    const paths = stale(generate()).map(({ path }) => path)
    assert.deepStrictEqual(paths, [], 'Run "pnpm snapshot" in packages/contracts and commit the result.')
  })

  it("are stale when they are missing or differ by a byte, and fresh once written", () => {
    const folder = mkdtempSync(join(tmpdir(), "pecia-generate-"))
    try {
      const file = { path: join(folder, "artifacts", "Marketplace.json"), content: "{}\n" }
      assert.deepStrictEqual(stale([file]), [file])
      write([file])
      assert.deepStrictEqual(stale([file]), [])
      writeFileSync(file.path, "{}")
      assert.deepStrictEqual(stale([file]), [file])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
