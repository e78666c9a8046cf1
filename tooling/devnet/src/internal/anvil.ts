import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process"
import { createRequire } from "node:module"
import type { Readable } from "node:stream"
import { Effect } from "effect"
import { DevnetStartError } from "../DevnetError.ts"

type Anvil = ChildProcessByStdio<null, Readable, Readable>

const packagedBinary = "@foundry-rs/anvil-linux-amd64/bin/anvil"

const resolveBinary = Effect.try({
  try: () => createRequire(import.meta.url).resolve(packagedBinary),
  catch: () =>
    new DevnetStartError({ binary: packagedBinary, reason: "the npm package with anvil's binary is missing" }),
})

const hasExited = (child: ChildProcess) =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null

const exited = (child: ChildProcess) =>
  Effect.callback<void>((resume) => {
    if (hasExited(child)) resume(Effect.void)
    else child.once("exit", () => resume(Effect.void))
  })

/** Asks anvil to end, so that it removes its own files, and insists after three seconds. */
const stop = (child: ChildProcess) =>
  Effect.sync(() => hasExited(child) || child.kill("SIGTERM")).pipe(
    Effect.andThen(exited(child)),
    Effect.timeoutOrElse({
      duration: "3 seconds",
      orElse: () =>
        Effect.andThen(
          Effect.sync(() => child.kill("SIGKILL")),
          exited(child),
        ),
    }),
  )

/** The address that anvil listens on, taken from its own announcement: with port 0 only anvil knows the port. */
const announcedUrl = (binary: string, child: Anvil) =>
  Effect.callback<string, DevnetStartError>((resume) => {
    const fail = (reason: string) => resume(Effect.fail(new DevnetStartError({ binary, reason })))
    let output = ""
    let complaint = ""
    child.stderr.on("data", (chunk) => {
      complaint = (complaint + chunk).slice(-2_000)
    })
    child.stdout.on("data", function read(chunk) {
      output += chunk
      const found = /Listening on (127\.0\.0\.1:\d+)/.exec(output)
      if (found === null) return
      child.stdout.off("data", read).resume()
      resume(Effect.succeed(`http://${found[1]}`))
    })
    child.once("error", (error) => fail(error.message))
    child.once("close", (code, signal) => fail(complaint.trim() || `anvil ended with ${signal ?? `code ${code}`}`))
  })

/** A running anvil that ends with the scope. */
export const startAnvil = Effect.fnUntraced(function* (args: ReadonlyArray<string>, log: boolean) {
  const binary = yield* resolveBinary
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] })),
    stop,
  )
  if (log) {
    child.stdout.pipe(process.stderr, { end: false })
    child.stderr.pipe(process.stderr, { end: false })
  }
  const url = yield* announcedUrl(binary, child).pipe(
    Effect.timeoutOrElse({
      duration: "30 seconds",
      orElse: () => Effect.fail(new DevnetStartError({ binary, reason: "anvil did not listen within 30 seconds" })),
    }),
  )
  return { url, pid: child.pid ?? 0 }
})
