import * as fs from "node:fs/promises"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { BlockSpace, BlockStore } from "../src/index.ts"
import { killedAfter, surviveKills } from "./crashing.ts"
import { temporaryDirectory } from "./temporaryDirectory.ts"

describe("A process that is killed with -9", () => {
  it.effect(
    "while it stores, drops, renames and evicts has lost nothing acknowledged; the ledger counts what is on disk",
    () => surviveKills(3, "few"),
  )

  it.effect("in the middle of an upload leaves nothing once the store has been opened again", () =>
    Effect.gen(function* () {
      const directory = yield* temporaryDirectory
      yield* killedAfter(60, "writer.ts", directory)
      assert.strictEqual((yield* Effect.promise(() => fs.readdir(directory))).length, 2)
      const layer = BlockStore.layerFileSystem({ directory }).pipe(
        Layer.provide(BlockSpace.layerMemory({ quotaBytes: 1n << 41n })),
      )
      const volumes = yield* Effect.flatMap(BlockStore, (store) => store.volumes).pipe(Effect.provide(layer))
      assert.deepStrictEqual(volumes, [])
      assert.deepStrictEqual(yield* Effect.promise(() => fs.readdir(directory)), [".tmp"])
      assert.deepStrictEqual(yield* Effect.promise(() => fs.readdir(`${directory}/.tmp`)), [])
    }),
  )
})
