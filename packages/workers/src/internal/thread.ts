import { Worker } from "node:worker_threads"
import { Effect } from "effect"
import type { Message } from "../Message.ts"
import { WorkerDied } from "../WorkerDied.ts"

/** A thread that does one call at a time. */
export interface Thread {
  readonly hasEnded: () => boolean
  /** Answers what the thread answers, or dies with it. An interrupted call leaves its thread at work: end it then. */
  readonly ask: <A>(task: string, message: Message<unknown>) => Effect.Effect<A>
  /** Ends when the thread has. */
  readonly end: Effect.Effect<void>
}

/** Sources import each other as sources, whatever the program was started with. */
const optionsFor = (file: URL) => (file.pathname.endsWith(".ts") ? { execArgv: ["--conditions=@pecia/source"] } : {})

export const start = (file: URL): Thread => {
  const worker = new Worker(file, optionsFor(file))
  let cause: unknown
  let died: WorkerDied | undefined
  let tellDeath: ((died: WorkerDied) => void) | undefined

  const end = (why: unknown) => {
    cause ??= why
    return worker.terminate()
  }
  worker.on("error", (error) => {
    cause = error
  })
  worker.on("messageerror", end)
  worker.on("exit", (exitCode) => {
    died = new WorkerDied({ file: file.href, exitCode, cause })
    tellDeath?.(died)
  })

  return {
    hasEnded: () => died !== undefined,
    ask: <A>(task: string, { value, moved = [] }: Message<unknown>) =>
      Effect.callback<A>((resume) => {
        if (died !== undefined) return resume(Effect.die(died))
        tellDeath = (died) => resume(Effect.die(died))
        worker.once("message", (answer: A) => resume(Effect.succeed(answer)))
        worker.postMessage({ task, input: value }, moved)
      }),
    end: Effect.promise(() => end(new Error("its pool was closed"))),
  }
}
