#!/usr/bin/env node
// The compiler from npm, spoken to as if it were the binary that forge expects.
import { readFileSync } from "node:fs"
import solc from "solc"

if (process.argv.includes("--version")) {
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`)
} else {
  process.stdout.write(solc.compile(readFileSync(0, "utf8")))
}
