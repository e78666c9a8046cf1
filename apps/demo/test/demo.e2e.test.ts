import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { endOf, folder, startDemo } from "./process.ts"

/** The ids of the processes whose arguments name the folder. */
const processesOf = (path: string): ReadonlyArray<string> =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(path)
      } catch {
        return false
      }
    })

describe("the demo", () => {
  it.live(
    "stores a named file to the end of the contract though a host dies, prints one JSON object, and leaves no file behind",
    () =>
      Effect.gen(function* () {
        const cwd = yield* folder
        writeFileSync(join(cwd, "letter.txt"), "a codex, hired out in pieces\n")
        const { code, stderr, stdout } = yield* endOf(startDemo(cwd, "--json", "--file", "letter.txt"))
        assert.strictEqual(code, 0, stderr)
        const outcome = JSON.parse(stdout)
        assert.isTrue(outcome.ok)
        assert.strictEqual(outcome.file.bytes, 29)
        assert.strictEqual(outcome.retrievedSha256, outcome.file.sha256)
        assert.deepStrictEqual(
          outcome.slots.map(({ state }: { readonly state: string }) => state),
          ["Paid", "Paid", "Paid"],
        )
        assert.isAtLeast(outcome.proofsSubmitted, 7)
        const { lostSlot } = outcome
        assert.strictEqual(lostSlot.retrievedSha256, outcome.file.sha256)
        assert.notStrictEqual(outcome.slots[lostSlot.index].host, lostSlot.host)
        assert.strictEqual(
          outcome.balances.contract.after,
          `${BigInt(lostSlot.slashed) - BigInt(lostSlot.markerReward)}`,
        )
        assert.deepStrictEqual(readdirSync(cwd), ["letter.txt"])
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
    240_000,
  )

  it.live(
    "says that a file is missing, and exits with 1",
    () =>
      Effect.gen(function* () {
        const cwd = yield* folder
        const { code, stderr, stdout } = yield* endOf(startDemo(cwd, "--json", "--file", "missing.txt"))
        assert.strictEqual(code, 1)
        assert.include(stderr, "missing.txt cannot be read")
        assert.isFalse(JSON.parse(stdout).ok)
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
    30_000,
  )

  it.live(
    "ends the nodes and the chain when it is interrupted, and leaves no file behind",
    () =>
      Effect.gen(function* () {
        const cwd = yield* folder
        const child = yield* startDemo(cwd)
        yield* child.stdout.pipe(
          Stream.decodeText(),
          Stream.splitLines,
          Stream.runForEach((line) =>
            line.startsWith("The client has the file")
              ? Effect.gen(function* () {
                  assert.lengthOf(processesOf(cwd), 6, "a client, four hosts and a validator run on the demo's folder")
                  yield* Effect.forkChild(Effect.ignore(child.kill({ killSignal: "SIGINT" })))
                })
              : Effect.void,
          ),
        )
        yield* Effect.exit(child.exitCode)
        assert.isEmpty(readdirSync(cwd))
        assert.isEmpty(processesOf(cwd))
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
    120_000,
  )
})
