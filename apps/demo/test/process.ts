import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect, Stream } from "effect"
import { ChildProcess } from "effect/process"

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))

/** A folder for the demo's temporary files and for the file that it stores. */
export const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "pecia-demo-test-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
)

export const startDemo = (cwd: string, ...args: ReadonlyArray<string>) =>
  ChildProcess.make(process.execPath, ["--conditions=@pecia/source", main, ...args], {
    stdin: "ignore",
    extendEnv: true,
    env: { NO_COLOR: "1", PECIA_CWD: cwd, TMPDIR: cwd },
  })

const text = <E>(stream: Stream.Stream<Uint8Array, E>) => Stream.mkString(Stream.decodeText(stream))

/** What a demo said, at its end. */
export const endOf = Effect.fnUntraced(function* (started: ReturnType<typeof startDemo>) {
  const child = yield* started
  const [stdout, stderr, code] = yield* Effect.all([text(child.stdout), text(child.stderr), child.exitCode], {
    concurrency: "unbounded",
  })
  return { stdout, stderr, code: Number(code) }
})
