import { WorkerPool } from "@pecia/workers"
import { isThread, serve } from "@pecia/workers/thread"
import { Console, Effect } from "effect"

const tasks = {
  sum: (numbers: Float64Array) => ({ value: numbers.reduce((a, b) => a + b, 0) }),
}

export const program = Effect.gen(function* () {
  const pool = yield* WorkerPool.make<typeof tasks>({ file: new URL(import.meta.url) })
  const sum = (n: number) => pool.call("sum", () => ({ value: new Float64Array(1000).fill(n) }))
  yield* Console.log(yield* Effect.forEach([1, 2, 3], sum, { concurrency: pool.size }))
}).pipe(Effect.scoped)

if (isThread) serve(tasks)
else await Effect.runPromise(program)
