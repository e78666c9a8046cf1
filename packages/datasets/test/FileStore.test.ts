import * as fs from "node:fs/promises"
import * as path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Result } from "effect"
import { type Block, BlockSpace, BlockStore } from "../src/index.ts"
import { BlockStoreTest } from "../src/testing/index.ts"
import { temporaryDirectory } from "./temporaryDirectory.ts"

const { dataBlock, quotaBytes } = BlockStoreTest

const openSpace = Effect.map(Layer.build(BlockSpace.layerMemory({ quotaBytes })), Context.get(BlockSpace))

/** Opens a store on a directory and a ledger that both may have been in use before. */
const open = (directory: string, space: BlockSpace["Service"]) =>
  Layer.build(BlockStore.layerFileSystem({ directory }).pipe(Layer.provide(Layer.succeed(BlockSpace, space)))).pipe(
    Effect.map(Context.get(BlockStore)),
  )

const fileOf = (directory: string, volume: string, block: Block) => path.join(directory, volume, `${block.cid}.block`)

const promise = <A>(f: () => Promise<A>) => Effect.promise(f)

const bed = Effect.gen(function* () {
  const directory = yield* temporaryDirectory
  const space = yield* openSpace
  const store = yield* open(directory, space)
  yield* space.hold("0xa", 100_000n)
  return { directory, space, store }
})

/** What can still be held, given that `held` bytes are. */
const assertFree = (space: BlockSpace["Service"], bytes: bigint) =>
  Effect.gen(function* () {
    assert.isTrue(Result.isFailure(yield* Effect.result(space.hold("probe", bytes + 1n))))
    yield* space.hold("probe", bytes)
    yield* space.giveBack("probe")
  })

describe("A block that was altered on disk", () => {
  it.effect("is BlockCorrupt, whichever byte changed", () =>
    Effect.gen(function* () {
      const { directory, store } = yield* bed
      const block = dataBlock(1)
      yield* store.put("0xa", block)
      for (const index of [0, 500, 999]) {
        const altered = block.bytes.slice()
        altered[index] = (altered[index] ?? 0) ^ 1
        yield* promise(() => fs.writeFile(fileOf(directory, "0xa", block), altered))
        assert.strictEqual((yield* Effect.flip(store.get(block.cid)))._tag, "BlockCorrupt")
      }
    }),
  )

  it.effect("is BlockCorrupt when it was cut short, made longer or emptied", () =>
    Effect.gen(function* () {
      const { directory, store } = yield* bed
      const block = dataBlock(1)
      yield* store.put("0xa", block)
      for (const bytes of [
        block.bytes.slice(0, 999),
        new Uint8Array(2000),
        new Uint8Array(0),
        new Uint8Array(70_000),
      ]) {
        yield* promise(() => fs.writeFile(fileOf(directory, "0xa", block), bytes))
        assert.strictEqual((yield* Effect.flip(store.get(block.cid)))._tag, "BlockCorrupt")
      }
    }),
  )

  it.effect("is answered from another volume that has it intact", () =>
    Effect.gen(function* () {
      const { directory, space, store } = yield* bed
      const block = dataBlock(1)
      yield* space.hold("0xb", 1000n)
      yield* store.put("0xa", block)
      yield* store.put("0xb", block)
      yield* promise(() => fs.writeFile(fileOf(directory, "0xa", block), "other"))
      assert.deepStrictEqual(Uint8Array.from(yield* store.get(block.cid)), block.bytes)
      yield* promise(() => fs.rm(fileOf(directory, "0xb", block)))
      assert.strictEqual((yield* Effect.flip(store.get(block.cid)))._tag, "BlockCorrupt")
      yield* promise(() => fs.rm(fileOf(directory, "0xa", block)))
      assert.strictEqual((yield* Effect.flip(store.get(block.cid)))._tag, "BlockNotFound")
    }),
  )

  it.effect("is whole again when it is stored again, into bytes that are held, by any number at once", () =>
    Effect.gen(function* () {
      const { directory, space, store } = yield* bed
      const block = dataBlock(1)
      yield* store.put("0xa", block)
      yield* promise(() => fs.writeFile(fileOf(directory, "0xa", block), "other"))
      yield* Effect.forEach(Array.from({ length: 20 }), () => store.put("0xa", block), { concurrency: "unbounded" })
      assert.strictEqual((yield* store.get(block.cid)).length, 1000)
      yield* space.trim("0xa")
      yield* assertFree(space, quotaBytes - 1000n)
    }),
  )

  it.effect(
    "and has another size when the store opens is whole again when it is stored again into bytes that are held",
    () =>
      Effect.gen(function* () {
        const { directory, space, store } = yield* bed
        yield* store.put("0xa", dataBlock(1))
        yield* store.put("0xa", dataBlock(2))
        yield* promise(() => fs.writeFile(fileOf(directory, "0xa", dataBlock(1)), "other"))
        const again = yield* open(directory, space)
        yield* assertFree(space, quotaBytes - 1005n)
        assert.strictEqual((yield* Effect.flip(again.get(dataBlock(1).cid)))._tag, "BlockCorrupt")
        assert.strictEqual((yield* Effect.flip(again.put("0xa", dataBlock(1))))._tag, "SpaceExhausted")
        yield* assertFree(space, quotaBytes - 1000n)
        yield* space.hold("0xa", 1000n)
        yield* again.put("0xa", dataBlock(1))
        assert.strictEqual((yield* again.get(dataBlock(1).cid)).length, 1000)
        yield* assertFree(space, quotaBytes - 2000n)
      }),
  )
})

describe("A store that opens", () => {
  it.effect("has what it had, and tells the ledger", () =>
    Effect.gen(function* () {
      const { directory, space, store } = yield* bed
      yield* store.put("0xa", dataBlock(1))
      yield* store.put("0xa", dataBlock(2))
      const before = yield* store.volumes
      const fresh = yield* openSpace
      yield* fresh.hold("0xa", 1n)
      const again = yield* open(directory, fresh)
      assert.deepStrictEqual(yield* again.volumes, before)
      assert.deepStrictEqual(Uint8Array.from(yield* again.get(dataBlock(2).cid)), dataBlock(2).bytes)
      yield* assertFree(fresh, quotaBytes - 2000n)
      yield* space.trim("0xa")
      yield* again.put("0xa", dataBlock(1))
    }),
  )

  it.effect("removes volumes that the ledger does not know, half-written files, and uploads", () =>
    Effect.gen(function* () {
      const { directory, space, store } = yield* bed
      yield* space.hold("upload-1", 1000n)
      yield* store.put("upload-1", dataBlock(1))
      yield* store.put("0xa", dataBlock(2))
      yield* promise(() => fs.mkdir(path.join(directory, "0xb")))
      yield* promise(() => fs.copyFile(fileOf(directory, "0xa", dataBlock(2)), fileOf(directory, "0xb", dataBlock(2))))
      yield* promise(() => fs.writeFile(path.join(directory, ".tmp", "77"), "half a blo"))
      const again = yield* open(directory, space)
      assert.deepStrictEqual(
        (yield* again.volumes).map(({ volume }) => volume),
        ["0xa"],
      )
      assert.sameMembers(yield* promise(() => fs.readdir(directory)), [".tmp", "0xa"])
      assert.deepStrictEqual(yield* promise(() => fs.readdir(path.join(directory, ".tmp"))), [])
      assert.deepStrictEqual(yield* space.volumes, ["0xa"])
    }),
  )

  it.effect("writes off what the ledger knows and the disk has not", () =>
    Effect.gen(function* () {
      const { directory, space, store } = yield* bed
      yield* store.put("0xa", dataBlock(1))
      yield* space.trim("0xa")
      yield* promise(() => fs.rm(path.join(directory, "0xa"), { recursive: true }))
      const again = yield* open(directory, space)
      assert.deepStrictEqual(yield* again.volumes, [])
      yield* assertFree(space, quotaBytes)
    }),
  )

  it.effect("finds nothing of a block that was refused", () =>
    Effect.gen(function* () {
      const { directory, space, store } = yield* bed
      yield* space.trim("0xa")
      yield* Effect.flip(store.put("0xa", dataBlock(1)))
      assert.deepStrictEqual(yield* promise(() => fs.readdir(path.join(directory, "0xa"))), [])
    }),
  )

  it.effect("takes no notice of files that are not blocks", () =>
    Effect.gen(function* () {
      const { directory, space, store } = yield* bed
      yield* store.put("0xa", dataBlock(1))
      yield* promise(() => fs.writeFile(path.join(directory, "README"), "mine"))
      yield* promise(() => fs.writeFile(path.join(directory, "0xa", "notes.block"), "mine"))
      const again = yield* open(directory, space)
      assert.deepStrictEqual(
        (yield* again.volumes).map(({ blocks }) => blocks),
        [1],
      )
    }),
  )
})

describe("A volume that was let go of", () => {
  it.effect("may still go after the store has been opened again, the one first that was let go of first", () =>
    Effect.gen(function* () {
      const { directory, space, store } = yield* bed
      for (const [i, volume] of ["b", "c", "d", "e"].entries()) {
        yield* space.hold(volume, 1000n)
        yield* store.put(volume, dataBlock(i))
      }
      for (const volume of ["d", "b", "e"]) yield* store.cache(volume)
      yield* store.keep("e")
      const again = yield* open(directory, space)
      assert.strictEqual(yield* again.evict(1n), 1000n)
      assert.isFalse(yield* again.has(dataBlock(2).cid))
      assert.strictEqual(yield* again.evict(100_000n), 1000n)
      assert.sameMembers(
        (yield* again.volumes).map(({ volume }) => volume),
        ["c", "e"],
      )
    }),
  )

  it.effect("and is not on disk any more is forgotten when the store opens", () =>
    Effect.gen(function* () {
      const { directory, space, store } = yield* bed
      yield* store.put("0xa", dataBlock(1))
      yield* store.cache("0xa")
      yield* promise(() => fs.rm(path.join(directory, "0xa"), { recursive: true }))
      yield* open(directory, space)
      assert.deepStrictEqual(yield* space.volumes, [])
      assert.deepStrictEqual(yield* space.cached, [])
      yield* assertFree(space, quotaBytes)
    }),
  )
})

describe("A rename that a crash cut short", () => {
  const formerName = (directory: string, volume: string) => path.join(directory, volume, "former-name")

  it.effect("is finished when the store opens, if only the disk knows the new name", () =>
    Effect.gen(function* () {
      const { directory, space, store } = yield* bed
      yield* store.put("0xa", dataBlock(1))
      yield* promise(() => fs.writeFile(formerName(directory, "0xa"), "0xa"))
      yield* promise(() => fs.rename(path.join(directory, "0xa"), path.join(directory, "0xb")))
      const again = yield* open(directory, space)
      assert.deepStrictEqual(
        (yield* again.volumes).map(({ volume, blocks }) => [volume, blocks]),
        [["0xb", 1]],
      )
      assert.deepStrictEqual(yield* space.volumes, ["0xb"])
      assert.deepStrictEqual(yield* promise(() => fs.readdir(path.join(directory, "0xb"))), [
        `${dataBlock(1).cid}.block`,
      ])
    }),
  )

  it.effect("leaves the volume as it was, if the disk does not know the new name; nothing else is taken for it", () =>
    Effect.gen(function* () {
      const { directory, space, store } = yield* bed
      yield* space.hold("0xb", 1000n)
      yield* store.put("0xa", dataBlock(1))
      yield* store.put("0xb", dataBlock(2))
      yield* promise(() => fs.writeFile(formerName(directory, "0xa"), "0xa"))
      yield* promise(() => fs.writeFile(formerName(directory, "0xb"), "0xa"))
      const again = yield* open(directory, space)
      assert.sameMembers(
        (yield* again.volumes).map(({ volume }) => volume),
        ["0xa", "0xb"],
      )
      assert.sameMembers([...(yield* space.volumes)], ["0xa", "0xb"])
    }),
  )
})

describe("A disk that cannot be written", () => {
  it.effect("is a BlockStoreError when the store opens", () =>
    Effect.gen(function* () {
      const parent = yield* temporaryDirectory
      const file = path.join(parent, "file")
      yield* promise(() => fs.writeFile(file, ""))
      const space = yield* openSpace
      for (const directory of [path.join(file, "store"), "/sys/pecia-store"]) {
        const error = yield* Effect.flip(open(directory, space))
        assert.strictEqual(error._tag, "BlockStoreError")
        assert.include(error.message, directory)
      }
    }),
  )

  it.effect("is a BlockStoreError when a block is stored, and books nothing", () =>
    Effect.gen(function* () {
      const { directory, space, store } = yield* bed
      yield* promise(() => fs.writeFile(path.join(directory, "0xa"), "a file in the way"))
      assert.strictEqual((yield* Effect.flip(store.put("0xa", dataBlock(1))))._tag, "BlockStoreError")
      assert.isFalse(yield* store.has(dataBlock(1).cid))
      yield* assertFree(space, quotaBytes - 100_000n)
      yield* promise(() => fs.rm(path.join(directory, "0xa")))
      yield* store.put("0xa", dataBlock(1))
      assert.isTrue(yield* store.has(dataBlock(1).cid))
    }),
  )
})
