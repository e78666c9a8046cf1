import { type Message, serve } from "@pecia/workers/thread"

let calls = 0

const tasks = {
  double: (n: number): Message<number> => ({ value: n * 2 }),
  /** How many of these calls this very thread has answered. */
  count: (_: undefined): Message<number> => ({ value: ++calls }),
  fill: (buffer: ArrayBuffer): Message<ArrayBuffer> => {
    new Uint8Array(buffer).fill(7)
    return { value: buffer, moved: [buffer] }
  },
  /** Counts itself in, then holds the thread until the second number is not 0. */
  hold: (shared: Int32Array): Message<string> => {
    Atomics.add(shared, 0, 1)
    Atomics.notify(shared, 0)
    Atomics.wait(shared, 1, 0)
    return { value: "held" }
  },
  fail: (why: string): Message<never> => {
    throw new RangeError(why)
  },
  exit: (code: number): Message<never> => process.exit(code),
  /** Answers, and is dead a moment later. */
  answerAndExit: (code: number): Message<string> => {
    setImmediate(() => process.exit(code))
    return { value: "goodbye" }
  },
}

export type Tasks = typeof tasks

serve(tasks)
