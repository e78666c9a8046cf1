import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { temporaryDirectory } from "./temporaryDirectory.ts"

const program = fileURLToPath(new URL("./processes/large.ts", import.meta.url))
const MiB = 1_048_576

const Outcome = Schema.fromJsonString(
  Schema.Struct({
    isEqual: Schema.Boolean,
    uploadSeconds: Schema.Number,
    laySeconds: Schema.Number,
    readSeconds: Schema.Number,
    peakMiB: Schema.Struct({ afterUpload: Schema.Number, afterLay: Schema.Number, afterRead: Schema.Number }),
  }),
)

/** In a process of its own, which writes into a directory that goes afterwards. */
const run = Effect.fnUntraced(function* (sizeBytes: number, data: number, parity: number) {
  const directory = yield* temporaryDirectory
  const args = ["--conditions=@pecia/source", program, directory, ...[sizeBytes, data, parity].map(String)]
  const { stdout } = yield* Effect.promise((signal) => promisify(execFile)(process.execPath, args, { signal }))
  // Slots that are lost are logged before.
  return yield* Schema.decodeUnknownEffect(Outcome)(stdout.trim().split("\n").at(-1))
})

describe("a file on disk, uploaded, laid out, and read back without as many slots as there is parity", () => {
  for (const [size, data, parity, timeoutMinutes] of [
    [100 * MiB, 1, 0, 5],
    [100 * MiB, 4, 2, 5],
    [100 * MiB, 2, 1, 5],
    [100 * MiB, 10, 4, 5],
    [4096 * MiB, 4, 2, 60],
  ] as const)
    it.live(
      `is what it was: ${size / MiB} MiB, ${data} slots of data and ${parity} of parity, in less than 700 MiB of memory`,
      () =>
        Effect.gen(function* () {
          const outcome = yield* run(size, data, parity)
          yield* Effect.logInfo(outcome)
          assert.isTrue(outcome.isEqual)
          assert.isBelow(outcome.peakMiB.afterRead, 700)
        }),
      timeoutMinutes * 60_000,
    )
})
