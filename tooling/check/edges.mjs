// The edges between workspaces (ARCHITECTURE.md, "Dependencies point inward"): what a manifest declares must be allowed, and
// what sources import must be declared for those who install them. A root other than this repository's can be named.
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"

/** What the sources of a package may depend on. Applications may depend on everything in packages. */
const allowed = {
  "contracts-abi": [],
  contracts: ["contracts-abi"],
  clock: ["contracts-abi"],
  machine: [],
  market: ["contracts-abi", "clock"],
  "market-evm": ["contracts-abi", "clock", "market"],
  "sql-sqlite": [],
  workers: [],
  erasure: ["workers"],
  reservations: ["contracts-abi"],
  trees: ["workers"],
  datasets: ["erasure", "trees"],
  exchange: ["datasets"],
  proving: ["contracts-abi", "clock", "market", "datasets", "trees"],
  sales: ["contracts-abi", "clock", "machine", "market", "reservations"],
  bidding: ["contracts-abi", "clock", "machine", "market", "reservations"],
  purchasing: ["contracts-abi", "clock", "machine", "market"],
  auctions: ["contracts-abi", "clock", "machine", "market"],
  validation: ["contracts-abi", "clock", "market"],
  api: ["contracts-abi"],
}

const root = resolve(process.argv[2] ?? fileURLToPath(new URL("../..", import.meta.url)))
const wrong = []

const ours = (dependencies) =>
  Object.keys(dependencies ?? {})
    .filter((name) => name.startsWith("@pecia/"))
    .map((name) => name.slice("@pecia/".length))

/** What a manifest of a package declares that it should not. */
const checkPackage = (folder, name, { dependencies, peerDependencies }) => {
  if (!(name in allowed)) wrong.push(`${folder} has no line in tooling/check/edges.mjs: say what it may depend on.`)
  for (const edge of ours({ ...dependencies, ...peerDependencies }))
    if (!allowed[name]?.includes(edge)) wrong.push(`${folder} must not depend on ${edge}.`)
  if (dependencies?.effect !== undefined) wrong.push(`${folder}: effect is a peer dependency of libraries.`)
}

/** The demo alone may use what is not published. */
const checkApplication = (folder, name, { dependencies }) => {
  for (const edge of ours(dependencies))
    if (name !== "demo" && !(edge in allowed)) wrong.push(`${folder} must not depend on ${edge}.`)
}

const sourcesIn = (folder) =>
  existsSync(join(folder, "src"))
    ? readdirSync(join(folder, "src"), { recursive: true })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => join(folder, "src", file))
    : []

/** What a source imports, statically or not; what comments show is left out. */
const importsOf = (source) =>
  readFileSync(source, "utf8")
    .split("\n")
    .filter((line) => !/^\s*(\/?\*|\/\/)/.test(line))
    .flatMap((line) =>
      [...line.matchAll(/(?<!")\b(?:from\s*|import\s*\(?\s*)"([^"]+)"/g)].map(([, specifier]) => specifier),
    )

/**
 * Dependencies for development are not installed with a package, and optional peers only by those who run its suites. The linter
 * takes both for declared, and it lets paths lead out of a workspace.
 */
const checkImports = (folder, { dependencies, name, peerDependencies, peerDependenciesMeta }) => {
  const here = join(root, folder)
  for (const source of sourcesIn(here)) {
    const file = relative(root, source)
    const isSuite = source.startsWith(join(here, "src", "testing"))
    for (const specifier of importsOf(source)) {
      if (specifier.startsWith(".")) {
        const target = resolve(dirname(source), specifier)
        if (!target.startsWith(`${here}/`)) wrong.push(`${file} must not reach out of ${folder} to ${specifier}.`)
        continue
      }
      const other = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/")
      if (other === name || other.startsWith("node:")) continue
      if (!(other in { ...dependencies, ...peerDependencies }))
        wrong.push(`${file} imports ${other}, which ${folder}/package.json does not declare for those who install it.`)
      else if (peerDependenciesMeta?.[other]?.optional && !isSuite)
        wrong.push(`${file} imports ${other}, an optional peer: only src/testing may.`)
    }
  }
}

for (const [kind, checkManifest] of Object.entries({ packages: checkPackage, apps: checkApplication }))
  for (const name of readdirSync(join(root, kind))) {
    const folder = `${kind}/${name}`
    const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"))
    checkManifest(folder, name, manifest)
    checkImports(folder, manifest)
  }

for (const line of wrong) console.error(line)
process.exitCode = wrong.length === 0 ? 0 : 1
