import { Effect } from "effect"
import { Progress, type ProgressReport } from "../Progress.ts"

/** Reports closer to each other than this are left out. */
const strideBytes = 1_048_576n

/** Counts the bytes of one step and tells `Progress`. */
export const startProgress = Effect.fnUntraced(function* (step: ProgressReport["step"], totalBytes?: bigint) {
  const report = yield* Progress
  let doneBytes = 0n
  let toldBytes = 0n
  const tell = Effect.suspend(() => {
    toldBytes = doneBytes
    return report({ step, doneBytes, totalBytes })
  })
  yield* tell
  return {
    add: (bytes: number) =>
      Effect.suspend(() => {
        doneBytes += BigInt(bytes)
        return doneBytes - toldBytes >= strideBytes ? tell : Effect.void
      }),
    /** Tells the last bytes, if nobody was told of them yet. */
    end: Effect.suspend(() => (toldBytes === doneBytes ? Effect.void : tell)),
  }
})
