import * as fs from "node:fs/promises"
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import { vi } from "vitest"
import { BlockSpace, BlockStore } from "../src/index.ts"
import { BlockStoreTest } from "../src/testing/index.ts"
import { temporaryDirectory } from "./temporaryDirectory.ts"

const { dataBlock } = BlockStoreTest

type Step = "open" | "write" | "datasync" | "rename" | "folder" | "mkdir"

const disk = vi.hoisted(() => ({
  /** The steps that find the disk full, each so many times. */
  full: new Map<string, number>(),
  keepsFiles: false,
  unreadable: new Set<string>(),
  foldersSynced: 0,
}))

// The only way to have such a disk on any machine: single steps say that it is full, that they may not, or that they cannot read.
vi.mock(import("node:fs/promises"), async (importOriginal) => {
  const original = await importOriginal()
  const failure = (code: string) => Promise.reject(Object.assign(new Error(`the disk says ${code}`), { code }))
  const isFull = (step: Step) => {
    const times = disk.full.get(step) ?? 0
    disk.full.set(step, times - 1)
    return times > 0
  }
  const open: typeof original.open = async (...args) => {
    if (args[1] === "wx" && isFull("open")) return failure("ENOSPC")
    const handle = await original.open(...args)
    const { datasync, sync, writeFile } = handle
    handle.datasync = () => (isFull("datasync") ? failure("ENOSPC") : datasync.call(handle))
    handle.sync = () => {
      disk.foldersSynced += 1
      return isFull("folder") ? failure("ENOSPC") : sync.call(handle)
    }
    handle.writeFile = async (bytes) => {
      if (!isFull("write")) return writeFile.call(handle, bytes)
      await writeFile.call(handle, "a part of it")
      return failure("ENOSPC")
    }
    return handle
  }
  const rename: typeof original.rename = (...args) => (isFull("rename") ? failure("ENOSPC") : original.rename(...args))
  const mkdir = ((...args: Parameters<typeof original.mkdir>) =>
    isFull("mkdir") ? failure("ENOSPC") : original.mkdir(...args)) as typeof original.mkdir
  const rm: typeof original.rm = (...args) => (disk.keepsFiles ? failure("EPERM") : original.rm(...args))
  const readFile = ((...args: Parameters<typeof original.readFile>) =>
    disk.unreadable.has(String(args[0])) ? failure("EIO") : original.readFile(...args)) as typeof original.readFile
  const changed = { mkdir, open, readFile, rename, rm }
  return { ...original, ...changed, default: { ...original, ...changed } }
})

it.effect("A full disk is SpaceExhausted; nothing is booked, nothing half-written stays", () =>
  Effect.gen(function* () {
    const directory = yield* temporaryDirectory
    yield* Effect.gen(function* () {
      const store = yield* BlockStore
      const space = yield* BlockSpace
      yield* space.hold("0xa", 3000n)
      yield* store.put("0xa", dataBlock(1))
      disk.full.set("datasync", 1)
      const error = yield* Effect.flip(store.put("0xa", dataBlock(2)))
      assert.strictEqual(error._tag, "SpaceExhausted")
      assert.include(error.message, "disk is full")
      assert.deepStrictEqual(yield* Effect.promise(() => fs.readdir(`${directory}/.tmp`)), [])
      assert.strictEqual((yield* Effect.promise(() => fs.readdir(`${directory}/0xa`))).length, 1)
      yield* store.put("0xa", dataBlock(2))
      yield* store.put("0xa", dataBlock(3))
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
      yield* store.put("0xa", dataBlock(1))
      disk.keepsFiles = true
      assert.strictEqual((yield* Effect.flip(store.drop("0xa")))._tag, "BlockStoreError")
      disk.keepsFiles = false
      assert.strictEqual((yield* Effect.flip(space.hold("0xb", 1n)))._tag, "SpaceExhausted")
      assert.isTrue(yield* store.has(dataBlock(1).cid))
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

const withStore = <A, E>(
  body: (directory: string) => Effect.Effect<A, E, BlockStore | BlockSpace>,
  quotaBytes = 100_000n,
) =>
  Effect.gen(function* () {
    const directory = yield* temporaryDirectory
    return yield* body(directory).pipe(
      Effect.provide(
        BlockStore.layerFileSystem({ directory }).pipe(Layer.provideMerge(BlockSpace.layerMemory({ quotaBytes }))),
      ),
    )
  })

for (const step of ["mkdir", "open", "write", "datasync", "rename", "folder"] as const) {
  it.effect(
    `A disk that is full for a while (${step}), while many blocks are stored, refuses some and leaks nothing`,
    () =>
      withStore((directory) =>
        Effect.gen(function* () {
          const store = yield* BlockStore
          const space = yield* BlockSpace
          yield* space.hold("0xa", 60_000n)
          if (step !== "mkdir") yield* store.put("0xa", dataBlock(0))
          disk.full.set(step, 3)
          const blocks = Array.from({ length: 40 }, (_, i) => dataBlock(i + 1))
          const results = yield* Effect.forEach(blocks, (block) => Effect.result(store.put("0xa", block)), {
            concurrency: 8,
          })
          disk.full.clear()
          const stored = blocks.filter((_, i) => Result.isSuccess(results[i] ?? Result.fail(undefined)))
          const failures = results.filter(Result.isFailure)
          assert.isAtLeast(failures.length, 1)
          for (const { failure } of failures) assert.strictEqual(failure._tag, "SpaceExhausted")
          const before = step === "mkdir" ? 0 : 1
          const files = yield* Effect.promise(() => fs.readdir(`${directory}/0xa`))
          assert.lengthOf(files, stored.length + before)
          assert.deepStrictEqual(yield* Effect.promise(() => fs.readdir(`${directory}/.tmp`)), [])
          const heldBytes = 60_000n - BigInt(stored.length + before) * 1000n
          assert.strictEqual((yield* Effect.flip(space.write("0xa", heldBytes + 1n)))._tag, "SpaceExhausted")
          yield* Effect.forEach(blocks, (block) => store.put("0xa", block), { concurrency: 8 })
          for (const { cid } of blocks) assert.isTrue(yield* store.check("0xa", cid))
          assert.deepInclude((yield* store.volumes)[0], { blocks: 40 + before })
        }),
      ),
  )
}

it.effect("Blocks that are stored side by side share the last step of becoming durable", () =>
  withStore(() =>
    Effect.gen(function* () {
      const store = yield* BlockStore
      yield* (yield* BlockSpace).hold("0xa", 64_000n)
      yield* store.put("0xa", dataBlock(0))
      disk.foldersSynced = 0
      yield* Effect.forEach(
        Array.from({ length: 32 }, (_, i) => dataBlock(i + 1)),
        (block) => store.put("0xa", block),
        { concurrency: 32 },
      )
      assert.isAtLeast(disk.foldersSynced, 1)
      assert.isBelow(disk.foldersSynced, 32)
    }),
  ),
)

it.effect("A full disk keeps no volume from being dropped", () =>
  withStore((directory) =>
    Effect.gen(function* () {
      const store = yield* BlockStore
      const space = yield* BlockSpace
      yield* space.hold("0xa", 1000n)
      yield* store.put("0xa", dataBlock(1))
      disk.full.set("rename", 1)
      yield* store.drop("0xa")
      disk.full.clear()
      assert.deepStrictEqual(yield* Effect.promise(() => fs.readdir(directory)), [".tmp"])
      yield* space.hold("0xb", 100_000n)
    }),
  ),
)

it.effect("A full disk keeps a volume from being renamed, which stays as it was", () =>
  withStore((directory) =>
    Effect.gen(function* () {
      const store = yield* BlockStore
      yield* (yield* BlockSpace).hold("0xa", 1000n)
      yield* store.put("0xa", dataBlock(1))
      for (const step of ["datasync", "rename", "folder"]) {
        // To find nothing under the new name takes a step as well.
        disk.full.set(step, step === "rename" ? 2 : 1)
        assert.strictEqual((yield* Effect.flip(store.rename("0xa", "0xb")))._tag, "BlockStoreError")
        disk.full.clear()
        assert.strictEqual((yield* store.get(dataBlock(1).cid)).length, 1000)
        assert.lengthOf(yield* Effect.promise(() => fs.readdir(`${directory}/0xa`)), 1)
      }
      yield* store.rename("0xa", "0xb")
      assert.deepStrictEqual(
        (yield* store.volumes).map(({ volume }) => volume),
        ["0xb"],
      )
    }),
  ),
)

it.effect("A cached volume that cannot be removed is passed over by evict", () =>
  withStore(() =>
    Effect.gen(function* () {
      const store = yield* BlockStore
      yield* (yield* BlockSpace).hold("0xa", 1000n)
      yield* store.put("0xa", dataBlock(1))
      yield* store.cache("0xa")
      disk.keepsFiles = true
      assert.strictEqual(yield* store.evict(1n), 0n)
      disk.keepsFiles = false
      assert.isTrue(yield* store.check("0xa", dataBlock(1).cid))
      assert.strictEqual(yield* store.evict(1n), 1000n)
    }),
  ),
)

it.effect("A block on a bad place of the disk is corrupt, and is mended by an intact copy", () =>
  withStore((directory) =>
    Effect.gen(function* () {
      const store = yield* BlockStore
      yield* (yield* BlockSpace).hold("0xa", 1000n)
      yield* store.put("0xa", dataBlock(1))
      disk.unreadable.add(`${directory}/0xa/${dataBlock(1).cid}.block`)
      assert.strictEqual((yield* Effect.flip(store.get(dataBlock(1).cid)))._tag, "BlockCorrupt")
      assert.isFalse(yield* store.check("0xa", dataBlock(1).cid))
      yield* store.put("0xa", dataBlock(1))
      disk.unreadable.clear()
      assert.isTrue(yield* store.check("0xa", dataBlock(1).cid))
    }),
  ),
)
