import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, assert, beforeEach, describe, it } from "vitest"

let root = ""
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "pecia-edges-"))
})
afterEach(() => rmSync(root, { recursive: true }))

/** What the check says of a repository with these files. */
const check = (files: Record<string, string | object>): ReadonlyArray<string> => {
  const whole = { "packages/clock/package.json": {}, "apps/node/package.json": {}, ...files }
  for (const [file, content] of Object.entries(whole)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), typeof content === "string" ? content : JSON.stringify(content))
  }
  const script = fileURLToPath(new URL("../edges.mjs", import.meta.url))
  const { status, stderr } = spawnSync(process.execPath, [script, root], { encoding: "utf8" })
  const lines = stderr.split("\n").filter((line) => line !== "")
  assert.strictEqual(status, lines.length === 0 ? 0 : 1, stderr)
  return lines
}

describe("the check of edges", () => {
  it("lets a package have what is allowed and declared", () => {
    const manifest = {
      name: "@pecia/clock",
      dependencies: { "@pecia/contracts-abi": "", ethers: "" },
      peerDependencies: { effect: "", vitest: "" },
      peerDependenciesMeta: { vitest: { optional: true } },
      devDependencies: { "@pecia/devnet": "" },
    }
    const source = [
      'import { readFile } from "node:fs/promises"',
      'import { RequestId } from "@pecia/contracts-abi"',
      'import { HttpRouter } from "effect/http"',
      '/** import { Devnet } from "@pecia/devnet" */',
      'export * from "./ChainClock.ts"',
      'export const ethers = await import("ethers")',
    ].join("\n")
    assert.isEmpty(
      check({
        "packages/clock/package.json": manifest,
        "packages/clock/src/index.ts": source,
        "packages/clock/src/testing/index.ts": 'import { it } from "vitest"',
        "packages/clock/test/index.test.ts": 'import { Devnet } from "@pecia/devnet"',
      }),
    )
  })

  it("refuses a dependency that points outward", () => {
    for (const kind of ["dependencies", "peerDependencies"])
      assert.deepStrictEqual(check({ "packages/clock/package.json": { [kind]: { "@pecia/market": "" } } }), [
        "packages/clock must not depend on market.",
      ])
  })

  it("refuses a package of which nobody said what it may depend on", () => {
    assert.deepStrictEqual(check({ "packages/lotteries/package.json": {} }), [
      "packages/lotteries has no line in tooling/check/edges.mjs: say what it may depend on.",
    ])
  })

  it("refuses effect as a library's own", () => {
    assert.deepStrictEqual(check({ "packages/clock/package.json": { dependencies: { effect: "" } } }), [
      "packages/clock: effect is a peer dependency of libraries.",
    ])
  })

  it("refuses an application that needs what is not published, the demo excepted", () => {
    const manifest = { dependencies: { "@pecia/testnet": "" } }
    assert.deepStrictEqual(check({ "apps/node/package.json": manifest, "apps/demo/package.json": manifest }), [
      "apps/node must not depend on testnet.",
    ])
  })

  it("refuses sources that import what is declared for development alone", () => {
    const declared = "which packages/clock/package.json does not declare for those who install it."
    assert.deepStrictEqual(
      check({
        "packages/clock/package.json": { devDependencies: { "@pecia/devnet": "", vitest: "", ethers: "" } },
        "packages/clock/src/index.ts": [
          "import {",
          "  Devnet,",
          '} from "@pecia/devnet/anvil"',
          'import type { It } from "vitest"',
          'export const ethers = import("ethers")',
        ].join("\n"),
      }),
      ["@pecia/devnet", "vitest", "ethers"].map((name) => `packages/clock/src/index.ts imports ${name}, ${declared}`),
    )
  })

  it("refuses an optional peer outside of the suites", () => {
    const manifest = { peerDependencies: { vitest: "" }, peerDependenciesMeta: { vitest: { optional: true } } }
    assert.deepStrictEqual(
      check({ "packages/clock/package.json": manifest, "packages/clock/src/index.ts": 'import "vitest"' }),
      ["packages/clock/src/index.ts imports vitest, an optional peer: only src/testing may."],
    )
  })

  it("refuses a path that leads out of its workspace", () => {
    const path = "../../market/src/index.ts"
    assert.deepStrictEqual(check({ "packages/clock/src/index.ts": `export * from "${path}"` }), [
      `packages/clock/src/index.ts must not reach out of packages/clock to ${path}.`,
    ])
  })
})
