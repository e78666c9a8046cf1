// The side of the thread. It stays free of Effect, so that a thread has little to load.
import { parentPort } from "node:worker_threads"
import type { Message, Tasks } from "./Message.ts"

export type { Message, Tasks }

/** Whether this is a thread: for a file that is a program and its threads as well. */
export const isThread: boolean = parentPort !== null

/** Makes this thread one of a pool: it does the tasks it is called for, one after the other. */
export const serve = (tasks: Tasks): void => {
  const port = parentPort
  if (port === null) throw new Error("Only a thread can serve tasks: name this file to WorkerPool.make.")
  port.on("message", ({ task, input }: { readonly task: string; readonly input: never }) => {
    const perform = tasks[task]
    if (perform === undefined) throw new Error(`This thread knows no task ${task}.`)
    const { value, moved = [] } = perform(input)
    port.postMessage(value, moved)
  })
}
