#!/usr/bin/env node
// Shows that the laws can be broken: deploys markets that are wrong in one place each, and names the law that found it out.
// Takes laws as arguments: `node forge/mutants.mjs 1 7`. Ends with 1 when a wrong market passes or a place is not found.
import { spawnSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { delimiter, dirname } from "node:path"
import { fileURLToPath } from "node:url"
import solc from "solc"

/** Each with the law that it breaks, mostly among others. */
const mutants = [
  [
    1,
    "a marker's part is paid twice",
    "Collateral.sol",
    "collateral += uint128(reward)",
    "collateral += uint128(2 * reward)",
  ],
  [
    2,
    "a late slot earns the whole price",
    "StorageMarket.sol",
    "terms.duration : terms.end - slot.filledAt",
    "terms.duration : terms.duration",
  ],
  [
    3,
    "a request fails before it has started",
    "StorageMarket.sol",
    "isLost && progress.state == RequestState.Started",
    "isLost",
  ],
  [
    4,
    "a host of a cancelled request gets half",
    "StorageMarket.sol",
    "return terms.expiry - slot.filledAt;",
    "return (terms.expiry - slot.filledAt) / 2;",
  ],
  [
    4,
    "a client gets less back when its request fails",
    "Requests.sol",
    "progress.slotsFilled * (terms.duration - progress.failedAfter)",
    "0",
  ],
  [
    5,
    "a host is paid for marking its own miss",
    "Collateral.sol",
    "marker == host ? 0 :",
    "marker == address(0) ? 0 :",
  ],
  [6, "collateral is not locked", "Collateral.sol", 'require(!_isLocked(msg.sender), "Account locked");', ""],
  [
    7,
    "a list forgets the newer neighbour",
    "Slots.sol",
    "if (slot.older != 0) _slots[_slotIdOf(slot.older)].newer = slot.newer;",
    "",
  ],
  [
    7,
    "a client's list forgets the older neighbour",
    "Requests.sol",
    "else _progress[RequestCode.idOf(newer)].older = older;",
    "",
  ],
  [
    7,
    "a client of early slots stays on the list",
    "Requests.sol",
    "else earned += progress.earlySeconds;",
    "else earned += 0;",
  ],
  [8, "a slot that was paid does not say so", "StorageMarket.sol", "slot.tenure = Tenure.Paid;", ""],
  [8, "the missed count is inherited", "StorageMarket.sol", "slot.proofs = slot.proofs.forgetMissed();", ""],
  [
    8,
    "the period does not move the pointer",
    "Proofs.sol",
    "keccak256(abi.encode(id, period))",
    "keccak256(abi.encode(id))",
  ],
  [
    9,
    "anybody can submit a proof",
    "StorageMarket.sol",
    'require(slot.host == msg.sender, "Slot filled by other host");\n    _accept',
    "_accept",
  ],
  [
    9,
    "a client is repaid a second too early",
    "StorageMarket.sol",
    "require(block.timestamp > terms.expiry,",
    "require(block.timestamp >= terms.expiry,",
  ],
  [9, "a refund can be taken twice", "StorageMarket.sol", " && !progress.isClosed, ", ", "],
  [10, "a request forgets its chunks", "RequestCode.sol", "totalChunks: uint64(code.uintAt(103, 8))", "totalChunks: 0"],
]

const root = fileURLToPath(new URL("..", import.meta.url))
const require = createRequire(import.meta.url)
const folder = "node_modules/.cache/forge/mutant"
const sources = Object.fromEntries(
  readdirSync(`${root}solidity`).map((file) => [file, readFileSync(`${root}solidity/${file}`, "utf8")]),
)

/** Quicker than what is published, and the same program. */
const settings = { optimizer: { enabled: true, runs: 1 }, viaIR: true, evmVersion: "cancun" }
const contracts = ["Marketplace", "TestMarketplace", "TestToken", "TestVerifier"]

const compile = (changed) => {
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

const findings = () => {
  rmSync(`${root}node_modules/.cache/forge/mutant-failures`, { recursive: true, force: true })
  const binary = require.resolve("@foundry-rs/forge-linux-amd64/bin/forge")
  const { stdout, stderr } = spawnSync(binary, ["test", "--json", "--root", ".", "--match-contract", "Laws"], {
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
  const results = Object.values(JSON.parse(report)).flatMap((suite) => Object.values(suite.test_results))
  return results.map(({ status, reason }) => (status === "Success" ? "" : reason))
}

const wanted = process.argv.slice(2).map(Number)
for (const [law, what, file, from, to] of mutants) {
  if (wanted.length > 0 && !wanted.includes(law)) continue
  const places = sources[file].split(from).length - 1
  if (places !== 1) {
    console.log(`law ${law}: ${what}: ${places} places in ${file} to change`)
    process.exitCode = 1
    continue
  }
  compile({ ...sources, [file]: sources[file].replace(from, () => to) })
  const reasons = findings().filter((reason) => reason !== "")
  const found = [...new Set(reasons.map((reason) => /^law \d+/.exec(reason)?.[0] ?? reason))]
  console.log(`law ${law}: ${what}: ${found.length > 0 ? `found by ${found.join(" and ")}` : "NOT FOUND"}`)
  if (found.length === 0) process.exitCode = 1
}
