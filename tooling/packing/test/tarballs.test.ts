import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"

const root = new URL("../../../", import.meta.url).pathname
const temporary = mkdtempSync(join(tmpdir(), "pecia-packing-"))
const tarballs = new Map<string, string>()

const run = (command: string, args: ReadonlyArray<string>, cwd: string) =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })
const inTarball = (name: string, file: string) => run("tar", ["-xOf", tarballs.get(name) ?? "", `package/${file}`], temporary)
const filesIn = (name: string) => run("tar", ["-tf", tarballs.get(name) ?? ""], temporary).split("\n")

const folders = [
  ...readdirSync(join(root, "packages")).map((name) => `packages/${name}`),
  "apps/node",
  "apps/cli",
]
const nameOf = (folder: string): string => JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")).name

beforeAll(() => {
  for (const folder of folders) {
    const made = run("pnpm", ["pack", "--pack-destination", temporary], join(root, folder))
    const tarball = /^.*\.tgz$/m.exec(made)?.[0]
    assert.isDefined(tarball, `pnpm pack in ${folder} printed no tarball: ${made}`)
    tarballs.set(nameOf(folder), join(temporary, tarball.split("/").at(-1) ?? ""))
  }
})
afterAll(() => rmSync(temporary, { recursive: true, force: true }))

describe("every package packs", () => {
  it.each(folders)("%s: what its manifest names is in it, and nothing of the workspace", (folder) => {
    const name = nameOf(folder)
    const files = filesIn(name)
    const manifest = inTarball(name, "package.json")
    assert.notMatch(manifest, /workspace:|catalog:|@pecia\/source/)
    const named = [...manifest.matchAll(/"\.\/((?:dist|artifacts)\/[^"*]+)"/g)].map(([, file]) => file)
    assert.isNotEmpty(named)
    for (const file of [...named, "README.md"]) assert.include(files, `package/${file}`)
    assert.isEmpty(files.filter((file) => /^package\/(test|node_modules)\//.test(file)))
  })
})

describe("an empty project", () => {
  it("installs contracts-abi, clock and market from their tarballs and uses them", () => {
    const project = join(temporary, "project")
    const names = ["@pecia/contracts-abi", "@pecia/clock", "@pecia/market"]
    const own = Object.fromEntries(names.map((name) => [name, `file:${tarballs.get(name)}`]))
    const effect = /"effect": "([^"]+)"/.exec(inTarball("@pecia/clock", "package.json"))?.[1] ?? ""
    mkdirSync(project)
    writeFileSync(
      join(project, "package.json"),
      JSON.stringify({ name: "stranger", private: true, type: "module", dependencies: { ...own, effect } }),
    )
    writeFileSync(join(project, "pnpm-workspace.yaml"), `packages: []\noverrides: ${JSON.stringify(own)}\npmOnFail: ignore\n`)
    run("pnpm", ["install", "--prefer-offline", "--ignore-scripts"], project)
    writeFileSync(
      join(project, "main.mjs"),
      [
        'import { StorageAsk } from "@pecia/contracts-abi"',
        'import { ChainClock } from "@pecia/clock"',
        'import { Market, MemoryMarket } from "@pecia/market"',
        "const ask = new StorageAsk({ slots: 4n, slotSize: 65536n, duration: 10n, proofProbability: 1n, reward: 7n, maxSlotLoss: 1n })",
        "console.log(`${StorageAsk.price(ask)} ${ChainClock.key} ${Market.key} ${typeof MemoryMarket}`)",
      ].join("\n"),
    )
    assert.match(run("node", ["main.mjs"], project), /^280 @pecia\/clock\/ChainClock @pecia\/market\/Market \w+\n$/)
  })
})
