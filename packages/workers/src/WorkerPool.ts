import { availableParallelism } from "node:os"
import { Effect, Exit, type Scope, Semaphore } from "effect"
import * as Thread from "./internal/thread.ts"
import type { Message, Tasks } from "./Message.ts"

/**
 * Threads that answer calls.
 *
 * Law: a thread does one call at a time, and is used again only after it has answered. One that dies fails its call with the
 * defect `WorkerDied`; the next call starts another. An interrupted call ends its thread, and has ended when the thread has.
 */
export interface WorkerPool<T extends Tasks> {
  /** The most threads there are at a time: 1 or more. */
  readonly size: number
  /**
   * Has a thread do a task. While none is free the call waits, first come, first served; `message` is made when its turn has
   * come, so what waits takes no memory.
   */
  readonly call: <Name extends keyof T & string>(
    task: Name,
    message: () => Message<Parameters<T[Name]>[0]>,
  ) => Effect.Effect<ReturnType<T[Name]>["value"]>
}

/** As many threads as there are cores to run them, and at most four: each takes memory of its own. */
const defaultSize = (): number => Math.min(availableParallelism(), 4)

const make = Effect.fnUntraced(function* <T extends Tasks>(options: {
  readonly file: URL
  readonly size?: number | undefined
}): Effect.fn.Return<WorkerPool<T>, never, Scope.Scope> {
  const { size = defaultSize() } = options
  if (!Number.isInteger(size) || size < 1)
    return yield* Effect.die(new RangeError(`A pool cannot have ${size} threads.`))
  const turns = yield* Semaphore.make(size)
  const threads = new Set<Thread.Thread>()
  const idle: Array<Thread.Thread> = []
  let isOpen = true

  yield* Effect.addFinalizer(() => {
    isOpen = false
    return Effect.forEach(threads, (thread) => thread.end, { concurrency: "unbounded", discard: true })
  })

  const take = Effect.suspend(() => {
    if (!isOpen) return Effect.die(new Error(`The pool of ${options.file.href} is closed.`))
    let thread = idle.pop()
    while (thread?.hasEnded()) {
      threads.delete(thread)
      thread = idle.pop()
    }
    thread ??= Thread.start(options.file)
    threads.add(thread)
    return Effect.succeed(thread)
  })

  const putBack = (thread: Thread.Thread, exit: Exit.Exit<unknown>) =>
    Effect.suspend(() => {
      if (Exit.isFailure(exit)) {
        threads.delete(thread)
        return thread.end
      }
      idle.push(thread)
      return Effect.void
    })

  const call: WorkerPool<T>["call"] = (task, message) =>
    turns.withPermit(
      Effect.acquireUseRelease(take, (thread) => Effect.suspend(() => thread.ask(task, message())), putBack),
    )

  return { size, call }
})

/**
 * `file` is a module that calls `serve` of `@pecia/workers/thread` with the tasks `T`; in JavaScript, or in TypeScript that Node
 * can strip. Threads start when calls want them, stay, and end with the scope.
 */
export const WorkerPool = { make }
