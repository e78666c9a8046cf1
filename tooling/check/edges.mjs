// The edges between workspaces (ARCHITECTURE.md, "Dependencies point inward"). Sources may import only what package.json
// declares (the linter sees to that), so the declared dependencies are the edges.
import { readdirSync, readFileSync } from "node:fs"

/** What the sources of a workspace may depend on. Applications may depend on everything in packages. */
const allowed = {
  "contracts-abi": [],
  contracts: ["contracts-abi"],
  clock: ["contracts-abi"],
  market: ["contracts-abi", "clock"],
  "market-evm": ["contracts-abi", "clock", "market"],
  "sql-sqlite": [],
  reservations: ["contracts-abi"],
  datasets: [],
  exchange: ["datasets"],
  proving: ["contracts-abi", "clock", "market", "datasets"],
  sales: ["contracts-abi", "clock", "market", "reservations"],
  purchasing: ["contracts-abi", "clock", "market"],
  api: ["contracts-abi"],
}

const wrong = []
const read = (path) => JSON.parse(readFileSync(new URL(`../../${path}/package.json`, import.meta.url), "utf8"))
const ours = (dependencies) =>
  Object.keys(dependencies ?? {})
    .filter((name) => name.startsWith("@pecia/"))
    .map((name) => name.slice("@pecia/".length))

for (const name of readdirSync(new URL("../../packages", import.meta.url))) {
  const manifest = read(`packages/${name}`)
  if (!(name in allowed))
    wrong.push(`packages/${name} has no line in tooling/check/edges.mjs: say what it may depend on.`)
  for (const edge of ours(manifest.dependencies))
    if (!allowed[name]?.includes(edge)) wrong.push(`packages/${name} must not depend on ${edge}.`)
  if (manifest.dependencies?.effect) wrong.push(`packages/${name}: effect is a peer dependency of libraries.`)
}
for (const name of readdirSync(new URL("../../apps", import.meta.url)))
  for (const edge of ours(read(`apps/${name}`).dependencies))
    if (name !== "demo" && !(edge in allowed)) wrong.push(`apps/${name} must not depend on ${edge}.`)

for (const line of wrong) console.error(line)
process.exitCode = wrong.length === 0 ? 0 : 1
