// Compiles the contracts and writes what follows from them. With --check it writes nothing, and fails when that is not
// what is there.
import { relative } from "node:path"
import { generate, stale, write } from "./generate.ts"

const files = generate()
if (process.argv.includes("--check")) {
  const old = stale(files).map(({ path }) => relative(process.cwd(), path))
  if (old.length > 0) {
    console.error(`Not what the Solidity sources compile to: ${old.join(", ")}.`)
    console.error('Run "pnpm generate" in packages/contracts and commit the result.')
    process.exitCode = 1
  }
} else write(files)
