import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { ExchangeTest } from "../src/testing/index.ts"
import { libp2pNode } from "./beds.ts"
import { manyBlocks } from "./manyBlocks.ts"

const server = fileURLToPath(new URL("./processes/server.ts", import.meta.url))

/** A process that serves blocks; it goes with the scope at the latest. */
const serverProcess = Effect.fnUntraced(function* (blocks: number) {
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, ["--conditions=@pecia/source", server, String(blocks)], {
        stdio: ["ignore", "pipe", "inherit"],
      }),
    ),
    (child) =>
      Effect.promise(async () => {
        if (child.exitCode !== null || child.signalCode !== null) return
        child.kill("SIGKILL")
        await once(child, "exit")
      }),
  )
  const address = yield* Effect.promise(async () => {
    for await (const line of createInterface(child.stdout)) return line
    return ""
  })
  return { address, kill: () => child.kill("SIGKILL") }
})

it.live("A process that is killed with -9 in the middle of a transfer is made up for by one that has the rest", () =>
  Effect.gen(function* () {
    const node = yield* libp2pNode()
    const all = Array.from(manyBlocks(300))
    const [killed, other] = yield* Effect.all([serverProcess(300), serverProcess(300)], { concurrency: 2 })
    yield* node.exchange.connect(killed.address)
    let count = 0
    const got = yield* node.exchange.fetch(all.map(({ cid }) => cid)).pipe(
      Stream.tap(() => {
        count += 1
        if (count === 50) killed.kill()
        return count === 50 ? Effect.orDie(node.exchange.connect(other.address)) : Effect.void
      }),
      Stream.runCollect,
    )
    ExchangeTest.assertBlocks(got, all)
  }),
)
