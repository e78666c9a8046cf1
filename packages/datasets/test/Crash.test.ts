import { spawn } from "node:child_process"
import { once } from "node:events"
import * as fs from "node:fs/promises"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Result } from "effect"
import { Block, BlockSpace, BlockStore, parseCid } from "../src/index.ts"
import { temporaryDirectory } from "./temporaryDirectory.ts"

const writer = fileURLToPath(new URL("./processes/writer.ts", import.meta.url))
const quotaBytes = 1n << 41n

/** Runs the writer until it has acknowledged `lines` blocks, kills it with -9, and answers with all that it acknowledged. */
const killedWriter = (directory: string, mode: "slot" | "upload", lines: number) =>
  Effect.acquireUseRelease(
    Effect.sync(() =>
      spawn(process.execPath, ["--conditions=@pecia/source", writer, directory, mode], {
        stdio: ["ignore", "pipe", "inherit"],
      }),
    ),
    (child) =>
      Effect.promise(async () => {
        const acknowledged: Array<string> = []
        for await (const line of createInterface(child.stdout)) {
          acknowledged.push(line)
          if (acknowledged.length === lines) child.kill("SIGKILL")
        }
        return acknowledged
      }),
    (child) =>
      Effect.promise(async () => {
        if (child.exitCode !== null || child.signalCode !== null) return
        child.kill("SIGKILL")
        await once(child, "exit")
      }),
  )

describe("A process that is killed with -9", () => {
  for (const lines of [1, 37, 150]) {
    it.effect(`while it fills a slot loses none of ${lines} and more acknowledged blocks`, () =>
      Effect.gen(function* () {
        const directory = yield* temporaryDirectory
        const acknowledged = yield* killedWriter(directory, "slot", lines)
        assert.isAtLeast(acknowledged.length, lines)
        const space = Context.get(yield* Layer.build(BlockSpace.layerMemory({ quotaBytes })), BlockSpace)
        yield* space.hold("0xa", 1n)
        const layer = BlockStore.layerFileSystem({ directory }).pipe(Layer.provide(Layer.succeed(BlockSpace, space)))
        yield* Effect.gen(function* () {
          const store = yield* BlockStore
          for (const text of acknowledged) {
            const cid = Result.getOrThrow(parseCid(text))
            assert.isTrue(Result.isSuccess(Block.verify(cid, yield* store.get(cid))))
          }
          const { blocks, dataBytes } = yield* Effect.fromNullishOr((yield* store.volumes)[0])
          assert.isAtLeast(blocks, acknowledged.length)
          assert.strictEqual(dataBytes, BigInt(blocks) * 65_536n)
          // The ledger counts what is on disk, to the byte.
          yield* space.trim("0xa")
          yield* space.hold("probe", quotaBytes - dataBytes)
          assert.strictEqual((yield* Effect.flip(space.hold("probe", 1n)))._tag, "SpaceExhausted")
        }).pipe(Effect.provide(layer))
        assert.deepStrictEqual(yield* Effect.promise(() => fs.readdir(`${directory}/.tmp`)), [])
      }),
    )
  }

  it.effect("in the middle of an upload leaves nothing once the store has been opened again", () =>
    Effect.gen(function* () {
      const directory = yield* temporaryDirectory
      yield* killedWriter(directory, "upload", 60)
      assert.strictEqual((yield* Effect.promise(() => fs.readdir(directory))).length, 2)
      const layer = BlockStore.layerFileSystem({ directory }).pipe(
        Layer.provide(BlockSpace.layerMemory({ quotaBytes })),
      )
      const volumes = yield* Effect.flatMap(BlockStore, (store) => store.volumes).pipe(Effect.provide(layer))
      assert.deepStrictEqual(volumes, [])
      assert.deepStrictEqual(yield* Effect.promise(() => fs.readdir(directory)), [".tmp"])
      assert.deepStrictEqual(yield* Effect.promise(() => fs.readdir(`${directory}/.tmp`)), [])
    }),
  )
})
