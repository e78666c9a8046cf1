// Does all the set-up for the root commands: runs on any Node >= 20 with npm, installs the rest (Node 24 included), then works
// with what it installed. What it says goes to stderr: stdout belongs to the command.
import { spawn } from "node:child_process"
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
const [task = "", ...args] = process.argv.slice(2)

const env = {
  ...process.env,
  // Where the user stood: relative paths in arguments are meant from there.
  PECIA_CWD: process.env.PECIA_CWD ?? process.env.INIT_CWD ?? process.cwd(),
  PATH: [join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter),
  TURBO_TELEMETRY_DISABLED: "1",
  DO_NOT_TRACK: "1",
  npm_config_update_notifier: "false",
}

/** Runs a command to its end. Signals meant for us go to it, and it has the time to clean up. */
const run = (command, parameters, stdout = "inherit") =>
  new Promise((resolve) => {
    const child = spawn(command, parameters, { cwd: root, env, stdio: ["inherit", stdout, "inherit"] })
    // Programs know how to end on SIGTERM; a terminal that was closed means the same.
    const pass = (signal) => child.kill(signal === "SIGHUP" ? "SIGTERM" : signal)
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"]
    for (const signal of signals) process.on(signal, pass)
    const end = (status) => {
      for (const signal of signals) process.off(signal, pass)
      resolve(status)
    }
    child.on("error", (error) => {
      console.error(`${command} could not be run: ${error.message}`)
      end(127)
    })
    child.on("close", (status, signal) => end(status ?? (signal === "SIGINT" ? 130 : 143)))
  })

const underPnpm = env.npm_config_user_agent?.startsWith("pnpm/") ?? false

/** Runs a command that wants pnpm on PATH: the one that called us, or the pinned one by way of npx. */
const withPnpm = (command, parameters, stdout) =>
  underPnpm
    ? run(command, parameters, stdout)
    : run("npx", ["--yes", "--loglevel=error", "-p", packageManager, "--", command, ...parameters], stdout)

const install = () =>
  withPnpm(
    "pnpm",
    ["install", "--frozen-lockfile", "--prefer-offline", "--reporter=append-only", "--loglevel=error"],
    2,
  )

const workspaces = ["packages", "apps", "tooling", "examples"].flatMap((kind) =>
  readdirSync(join(root, kind), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(root, kind, entry.name)),
)
const resultsOf = (workspace) => join(workspace, ".vitest", "results.json")

/** Every test of every workspace; a run without tests has failed. Ends with one line of counts. */
const test = async (flags) => {
  for (const workspace of workspaces) rmSync(resultsOf(workspace), { force: true })
  const status = await withPnpm("turbo", [
    "run",
    "test",
    "--concurrency=2",
    "--continue",
    "--output-logs=new-only",
    ...flags,
  ])
  const results = workspaces
    .map(resultsOf)
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, "utf8")))
  const sum = (key) => results.reduce((total, result) => total + result[key], 0)
  return { status, passed: sum("numPassedTests"), failed: sum("numFailedTests") }
}

/** What fails without a test that says so (a check, a runner that died) counts as one failure. */
const report = ({ status, passed, failed: failedTests }) => {
  const failed = failedTests || (status !== 0 ? 1 : 0)
  console.log(`\n${passed} passed, ${failed} failed`)
  return status !== 0 ? status : failed > 0 || passed === 0 ? 1 : 0
}

/** Every benchmark, one after the other: each prints its ratios, measured in one run. */
const bench = async () => {
  for (const workspace of workspaces) {
    const folder = join(workspace, "bench")
    const scripts = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".ts")) : []
    for (const script of scripts.filter((name) => args.length === 0 || args.some((arg) => name.startsWith(arg)))) {
      console.log(`\n${script.slice(0, -".ts".length)}`)
      const status = await run("node", ["--conditions=@pecia/source", join(folder, script)])
      if (status !== 0) return status
    }
  }
  return 0
}

const check = async () =>
  (await run("biome", ["ci", "--error-on-warnings", "."])) ||
  (await run("node", ["tooling/check/edges.mjs"])) ||
  (await withPnpm("turbo", ["run", "typecheck", "fresh", "--concurrency=2", "--output-logs=errors-only"]))

const tasks = {
  setup: () => 0,
  demo: () => run("node", ["--conditions=@pecia/source", "apps/demo/src/main.ts", ...args]),
  test: async () => report(await test(args)),
  bench,
  "test:deep": () => withPnpm("turbo", ["run", "test:deep", "--concurrency=1", ...args]),
  check,
  ci: async () => {
    const checked = await check()
    const tested = await test(["--force"])
    if (checked !== 0) console.error("\nThe check failed; its reasons stand above the tests.")
    return report({ ...tested, status: tested.status || checked })
  },
}

if (Object.hasOwn(tasks, task)) {
  process.exitCode = (await install()) || (await tasks[task]())
} else {
  console.error(`There is no task "${task}"; there are ${Object.keys(tasks).join(", ")}.`)
  process.exitCode = 2
}
