import { type ChildProcessByStdio, spawn } from "node:child_process"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline"
import type { Readable } from "node:stream"
import { fileURLToPath } from "node:url"
import { assert, it } from "@effect/vitest"
import { SqliteClient } from "@pecia/sql-sqlite"
import { Effect } from "effect"
import { Reservations } from "../src/index.ts"
import { assertLaw } from "../src/testing/internal/fixtures.ts"
import { folder } from "./folder.ts"

type Worker = ChildProcessByStdio<null, Readable, null>

const startWorker = (filename: string, seed: number) =>
  Effect.acquireRelease(
    Effect.sync((): Worker => {
      const script = fileURLToPath(new URL("fixtures/worker.ts", import.meta.url))
      const args = ["--conditions=@pecia/source", script, filename, String(seed)]
      return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
    }),
    (worker) => Effect.sync(() => worker.kill("SIGKILL")),
  )

/** Kills the worker as soon as it has printed so many lines, and answers with all that it had printed when it died. */
const killAfter = (worker: Worker, count: number) =>
  Effect.callback<ReadonlyArray<string>>((resume) => {
    const lines: Array<string> = []
    const output = createInterface({ input: worker.stdout })
    output.on("line", (line) => {
      lines.push(line)
      if (lines.length === count) worker.kill("SIGKILL")
    })
    output.once("close", () => resume(Effect.succeed(lines)))
  })

it.live(
  "a ledger whose process is killed in the middle of its work has lost nothing that it answered, and its law holds",
  () =>
    Effect.gen(function* () {
      const path = yield* folder
      const filename = join(path, "ledger.sqlite")
      const standing = new Set<string>()
      for (const [seed, count] of [20, 57, 131].entries()) {
        const lines = yield* Effect.scoped(
          Effect.flatMap(startWorker(filename, seed), (worker) => killAfter(worker, count)),
        )
        assert.isAtLeast(lines.length, count)
        for (const line of lines) {
          const [did, slotId = ""] = line.split(" ")
          if (did === "reserved") standing.add(slotId)
          else standing.delete(slotId)
        }
        const found = yield* Effect.gen(function* () {
          const ledger = yield* Reservations
          yield* assertLaw(ledger)
          return yield* ledger.reservations
        }).pipe(
          Effect.provide(Reservations.layerSql({ quotaBytes: 2000n, metadataQuotaBytes: 100n })),
          Effect.provide(SqliteClient.layer({ filename })),
        )
        const slotIds = new Set<string>(found.map((reservation) => reservation.slotId))
        const either = new Set([...standing, ...slotIds])
        const differing = [...either].filter((slotId) => standing.has(slotId) !== slotIds.has(slotId))
        // The worker may have been killed between the last answer and its line.
        assert.isAtMost(differing.length, 1, "all that was answered is there")
        for (const slotId of differing) {
          if (slotIds.has(slotId)) standing.add(slotId)
          else standing.delete(slotId)
        }
      }
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(path)), ["ledger.sqlite"])
    }),
)
