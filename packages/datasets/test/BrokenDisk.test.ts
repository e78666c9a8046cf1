import * as fs from "node:fs/promises"
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { vi } from "vitest"
import { BlockSpace, BlockStore } from "../src/index.ts"
import { BlockStoreTest } from "../src/testing/index.ts"
import { temporaryDirectory } from "./temporaryDirectory.ts"

const disk = vi.hoisted(() => ({ isFull: false, keepsFiles: false }))

// The only way to have such a disk on any machine: the last step of writing a file says that it is full, removing fails.
vi.mock(import("node:fs/promises"), async (importOriginal) => {
  const original = await importOriginal()
  const open: typeof original.open = async (...args) => {
    const handle = await original.open(...args)
    if (disk.isFull)
      handle.datasync = () => Promise.reject(Object.assign(new Error("no space left"), { code: "ENOSPC" }))
    return handle
  }
  const rm: typeof original.rm = (...args) =>
    disk.keepsFiles
      ? Promise.reject(Object.assign(new Error("not permitted"), { code: "EPERM" }))
      : original.rm(...args)
  return { ...original, open, rm, default: { ...original, open, rm } }
})

it.effect("A full disk is SpaceExhausted; nothing is booked, nothing half-written stays", () =>
  Effect.gen(function* () {
    const directory = yield* temporaryDirectory
    yield* Effect.gen(function* () {
      const store = yield* BlockStore
      const space = yield* BlockSpace
      yield* space.hold("0xa", 3000n)
      yield* store.put("0xa", BlockStoreTest.dataBlock(1))
      disk.isFull = true
      const error = yield* Effect.flip(store.put("0xa", BlockStoreTest.dataBlock(2)))
      disk.isFull = false
      assert.strictEqual(error._tag, "SpaceExhausted")
      assert.include(error.message, "disk is full")
      assert.deepStrictEqual(yield* Effect.promise(() => fs.readdir(`${directory}/.tmp`)), [])
      assert.strictEqual((yield* Effect.promise(() => fs.readdir(`${directory}/0xa`))).length, 1)
      yield* store.put("0xa", BlockStoreTest.dataBlock(2))
      yield* store.put("0xa", BlockStoreTest.dataBlock(3))
    }).pipe(
      Effect.provide(
        BlockStore.layerFileSystem({ directory }).pipe(
          Layer.provideMerge(BlockSpace.layerMemory({ quotaBytes: 3000n })),
        ),
      ),
    )
  }),
)

it.effect("A volume that cannot be removed gives no space back; it can be dropped later", () =>
  Effect.gen(function* () {
    const directory = yield* temporaryDirectory
    yield* Effect.gen(function* () {
      const store = yield* BlockStore
      const space = yield* BlockSpace
      yield* space.hold("0xa", 1000n)
      yield* store.put("0xa", BlockStoreTest.dataBlock(1))
      disk.keepsFiles = true
      assert.strictEqual((yield* Effect.flip(store.drop("0xa")))._tag, "BlockStoreError")
      disk.keepsFiles = false
      assert.strictEqual((yield* Effect.flip(space.hold("0xb", 1n)))._tag, "SpaceExhausted")
      assert.isTrue(yield* store.has(BlockStoreTest.dataBlock(1).cid))
      yield* store.drop("0xa")
      yield* space.hold("0xb", 1000n)
    }).pipe(
      Effect.provide(
        BlockStore.layerFileSystem({ directory }).pipe(
          Layer.provideMerge(BlockSpace.layerMemory({ quotaBytes: 1000n })),
        ),
      ),
    )
  }),
)
