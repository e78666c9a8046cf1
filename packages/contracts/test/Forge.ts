import { spawn } from "node:child_process"
import { existsSync, readFileSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect, Schema } from "effect"

/** A test in Solidity, and how it ended. */
export interface SolidityTest {
  readonly contract: string
  readonly sentence: string
  /** What is wrong; undefined when the test passed. */
  readonly complaint: string | undefined
  /** Random calls; zero for other tests than those of the laws. */
  readonly calls: number
}

/** What happened in random calls, in the order of `Happening` in forge/test/laws/MarketBooks.sol. */
const happenings = [
  "accepted",
  "refused",
  "slashed",
  "lost by slashing",
  "paid, finished",
  "paid, failed",
  "refunded, failed",
  "refilled",
  "failed",
  "paid, cancelled",
  "refunded, cancelled",
  "refunded, finished",
  "selected of several",
  "released",
  "refunded, not selected",
] as const

/** What can happen in a market of either kind: at a fixed price, and by offers. */
export const happeningsIn = {
  slots: happenings.slice(0, 12),
  offers: [...happenings.slice(0, 7), ...happenings.slice(12)],
}

export type Kind = keyof typeof happeningsIn

export type Tally = Readonly<Record<(typeof happenings)[number], number>>

export interface ForgeReport {
  readonly tests: ReadonlyArray<SolidityTest>
  readonly tally: Readonly<Record<Kind, Tally>>
}

export class ForgeError extends Schema.TaggedError<ForgeError>()("ForgeError", { reason: Schema.String }) {
  override get message() {
    return `forge gave no report of the Solidity tests: ${this.reason}`
  }
}

const Result = Schema.Struct({
  status: Schema.String,
  reason: Schema.NullOr(Schema.String),
  counterexample: Schema.Unknown,
  kind: Schema.Struct({
    Invariant: Schema.optionalKey(Schema.Struct({ calls: Schema.Number })),
  }),
})
const Suites = Schema.Record(Schema.String, Schema.Struct({ test_results: Schema.Record(Schema.String, Result) }))
const decodeSuites = Schema.decodeUnknownEffect(Schema.fromJsonString(Suites))

const packageFolder = fileURLToPath(new URL("..", import.meta.url))
const binary = "@foundry-rs/forge-linux-amd64/bin/forge"

/** Runs all Solidity tests by the profile of this name in forge/foundry.toml. Offline; compiles what has changed. */
export const runForge = Effect.fn("runForge")(function* (profile: "default" | "deep") {
  const fileOf = (kind: Kind) => join(packageFolder, "node_modules/.cache/forge", `tally-${profile}-${kind}`)
  yield* Effect.sync(() => {
    for (const kind of ["slots", "offers"] as const) rmSync(fileOf(kind), { force: true })
  })
  const { output, complaints } = yield* execute(profile)
  // with the JSON come lines that tell of failures as they happen
  const json = output.split("\n").findLast((line) => line.startsWith('{"forge/'))
  if (json === undefined) return yield* new ForgeError({ reason: complaints })
  const suites = yield* Effect.mapError(decodeSuites(json), ({ message }) => new ForgeError({ reason: message }))
  const tests = Object.entries(suites).flatMap(([suite, { test_results }]) =>
    Object.entries(test_results).map(([name, result]) => testOf(suite, name, result)),
  )
  return { tests, tally: { slots: tallyIn(fileOf("slots")), offers: tallyIn(fileOf("offers")) } } satisfies ForgeReport
})

const execute = (profile: string) =>
  Effect.callback<{ readonly output: string; readonly complaints: string }, ForgeError>((resume) => {
    const child = spawn(createRequire(import.meta.url).resolve(binary), ["test", "--json", "--root", "."], {
      cwd: packageFolder,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        PATH: [dirname(process.execPath), process.env.PATH].join(delimiter), // solc.mjs wants this very node
        FOUNDRY_CONFIG: "forge/foundry.toml",
        FOUNDRY_PROFILE: profile,
      },
    })
    let output = ""
    let complaints = ""
    child.stdout.setEncoding("utf8").on("data", (text) => {
      output += text
    })
    child.stderr.setEncoding("utf8").on("data", (text) => {
      complaints += text
    })
    child.once("error", ({ message }) => resume(new ForgeError({ reason: message })))
    child.once("close", (code, signal) => {
      const end = `it ended with ${signal ?? `code ${code}`}`
      resume(Effect.succeed({ output, complaints: complaints.trim() || output.trim() || end }))
    })
    return Effect.sync(() => child.kill("SIGKILL"))
  })

const testOf = (suite: string, name: string, result: typeof Result.Type): SolidityTest => ({
  contract: suite.slice(suite.indexOf(":") + 1),
  sentence: sentenceOf(name),
  complaint:
    result.status === "Success"
      ? undefined
      : `${name}: ${result.reason ?? result.status}\n${JSON.stringify(result.counterexample, null, 2)}`,
  calls: result.kind.Invariant?.calls ?? 0,
})

/** `test_hole1_theHostIsPaid()` says "hole 1: the host is paid". */
const sentenceOf = (name: string) =>
  name
    .replace(/\(.*$/, "")
    .replace(/^(test|testFuzz|invariant)_/, "")
    .replace(/^hole(\d)_/, "hole $1: ")
    .replace(/(?<=[a-z])([A-Z]|\d+)/g, (part) => ` ${part.toLowerCase()}`)
    .replace(/(?<=\d)([A-Z])/g, (part) => ` ${part.toLowerCase()}`)

/** The sum of all lines, which tell one sequence of calls each. */
const tallyIn = (file: string): Tally => {
  const text = existsSync(file) ? readFileSync(file, "utf8") : ""
  const lines = text.split("\n").map((line) => line.split(" ").map(Number))
  const entries = happenings.map((happening, column) => [
    happening,
    lines.reduce((sum, line) => sum + (line[column] ?? 0), 0),
  ])
  return Object.fromEntries(entries)
}
