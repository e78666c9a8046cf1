import { fileURLToPath } from "node:url"
import { Effect, Stream } from "effect"
import { ChildProcess } from "effect/process"

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))

/** Runs `peciad` to its end. */
export const runPeciad = Effect.fnUntraced(function* (args: ReadonlyArray<string>, env: Record<string, string> = {}) {
  const child = yield* ChildProcess.make(process.execPath, ["--conditions=@pecia/source", main, ...args], {
    stdin: "ignore",
    extendEnv: true,
    env: { NO_COLOR: "1", ...env },
  })
  const text = (stream: typeof child.stdout) => Stream.mkString(Stream.decodeText(stream))
  const [stdout, stderr, code] = yield* Effect.all([text(child.stdout), text(child.stderr), child.exitCode], {
    concurrency: "unbounded",
  })
  return { stdout, stderr, code: Number(code) }
}, Effect.scoped)
