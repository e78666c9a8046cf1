import * as fs from "node:fs/promises"
import * as path from "node:path"
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { BlockSpace, BlockStore, Datasets } from "../src/index.ts"
import { bytesOf } from "./bytesOf.ts"
import { temporaryDirectory } from "./temporaryDirectory.ts"

const quotaBytes = 4n * 1_048_576n

it.effect(
  "A dataset of which blocks were altered or lost on disk is not read, and whole once it is uploaded again",
  () =>
    Effect.gen(function* () {
      const directory = yield* temporaryDirectory
      yield* Effect.gen(function* () {
        const datasets = yield* Datasets
        const space = yield* BlockSpace
        const bytes = bytesOf(700_000)
        const { cid, manifest } = yield* datasets.upload(Stream.succeed(bytes))
        const [altered, lost] = yield* Stream.runCollect(datasets.blocks(manifest))
        const file = (name: unknown) => path.join(directory, String(cid), `${name}.block`)
        for (const name of [altered, cid, manifest.content])
          yield* Effect.promise(() => fs.writeFile(file(name), "other"))
        yield* Effect.promise(() => fs.rm(file(lost)))

        assert.strictEqual((yield* Effect.flip(Stream.runDrain(datasets.read(cid))))._tag, "BlockCorrupt")
        assert.deepStrictEqual(yield* datasets.list, [])

        assert.strictEqual((yield* datasets.upload(Stream.succeed(bytes))).cid.toString(), cid.toString())
        const chunks = yield* Stream.runCollect(datasets.read(cid))
        assert.strictEqual(Buffer.compare(Buffer.concat(chunks), bytes), 0)
        assert.strictEqual((yield* datasets.list).length, 1)
        yield* space.hold("probe", quotaBytes - 700_000n)
        assert.strictEqual((yield* Effect.flip(space.hold("probe", 1n)))._tag, "SpaceExhausted")
      }).pipe(
        Effect.provide(
          Datasets.layer.pipe(
            Layer.provideMerge(BlockStore.layerFileSystem({ directory })),
            Layer.provideMerge(BlockSpace.layerMemory({ quotaBytes })),
          ),
        ),
      )
    }),
)
