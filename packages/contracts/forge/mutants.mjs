#!/usr/bin/env node
// Shows that the tests can fail: deploys markets that are wrong in one place each, and names the law that found it out.
// Takes kinds and laws as arguments: `node forge/mutants.mjs offers 1 7`. Ends with 1 when a wrong market passes or a
// place is not found.
import { spawnSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { delimiter, dirname } from "node:path"
import { fileURLToPath } from "node:url"
import solc from "solc"
import offers from "./mutants/offers.mjs"
import reentrance from "./mutants/reentrance.mjs"
import slots from "./mutants/slots.mjs"

const kinds = { slots, offers, reentrance }
const root = fileURLToPath(new URL("..", import.meta.url))
const require = createRequire(import.meta.url)
const folder = "node_modules/.cache/forge/mutant"
const sources = Object.fromEntries(
  readdirSync(`${root}solidity`).map((file) => [file, readFileSync(`${root}solidity/${file}`, "utf8")]),
)

/** Quicker than what is published, and the same program. */
const settings = { optimizer: { enabled: true, runs: 1 }, viaIR: true, evmVersion: "cancun" }

const compile = (changed, markets) => {
  const contracts = [...markets, "TestToken", "TestVerifier"]
  const outputSelection = Object.fromEntries(
    contracts.map((name) => [`${name}.sol`, { [name]: ["abi", "evm.bytecode.object"] }]),
  )
  const files = Object.fromEntries(Object.entries(changed).map(([file, content]) => [file, { content }]))
  const input = { language: "Solidity", sources: files, settings: { ...settings, outputSelection } }
  const contents = (path) => ({ contents: readFileSync(require.resolve(path), "utf8") })
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: contents }))
  const error = output.errors?.find(({ severity }) => severity === "error")
  if (error !== undefined) throw new Error(error.formattedMessage)
  mkdirSync(`${root}${folder}`, { recursive: true })
  for (const name of contracts) {
    const { abi, evm } = output.contracts[`${name}.sol`][name]
    writeFileSync(`${root}${folder}/${name}.json`, JSON.stringify({ abi, bytecode: `0x${evm.bytecode.object}` }))
  }
}

/** The laws that were broken, and the other tests that failed. */
const failuresOf = (contracts) => {
  rmSync(`${root}node_modules/.cache/forge/mutant-failures`, { recursive: true, force: true })
  const binary = require.resolve("@foundry-rs/forge-linux-amd64/bin/forge")
  const { stdout, stderr } = spawnSync(binary, ["test", "--json", "--root", ".", "--match-contract", contracts], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    env: {
      ...process.env,
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      FOUNDRY_CONFIG: "forge/foundry.toml",
      FOUNDRY_PROFILE: "mutant",
      PECIA_ARTIFACTS: folder,
    },
  })
  const report = stdout.split("\n").findLast((line) => line.startsWith('{"forge/'))
  if (report === undefined) throw new Error(stderr || stdout)
  const results = Object.values(JSON.parse(report)).flatMap((suite) => Object.entries(suite.test_results))
  const failed = results.filter(([, { status }]) => status !== "Success")
  return failed.map(([name, { reason }]) => /law \d+/.exec(reason)?.[0] ?? name)
}

/** What is wrong with the attempt to find this market out; undefined when it was found. */
const tryOne = ({ contracts, tests }, [, , file, from, to]) => {
  const places = sources[file].split(from).length - 1
  if (places !== 1) return { problem: `${places} places in ${file} to change` }
  compile({ ...sources, [file]: sources[file].replace(from, () => to) }, contracts)
  const found = new Set(failuresOf(tests))
  return found.size > 0 ? { finders: [...found].join(" and ") } : { problem: "NOT FOUND" }
}

const wanted = process.argv.slice(2)
const wantedKinds = Object.keys(kinds).filter((kind) => wanted.includes(kind))
const wantedLaws = wanted.filter((word) => !(word in kinds)).map(Number)
for (const kind of wantedKinds.length > 0 ? wantedKinds : Object.keys(kinds)) {
  for (const mutant of kinds[kind].mutants) {
    const [law, what] = mutant
    if (wantedLaws.length > 0 && !wantedLaws.includes(law)) continue
    const { finders, problem } = tryOne(kinds[kind], mutant)
    console.log(`${kind}${law === undefined ? "" : `, law ${law}`}: ${what}: ${problem ?? `found by ${finders}`}`)
    if (problem !== undefined) process.exitCode = 1
  }
}
