import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { BlockSpace, BlockStore, Datasets, datasetSizeBytesMax } from "../src/index.ts"
import { bytesOf } from "./bytesOf.ts"

const MiB = 1_048_576

describe("Datasets", () => {
  // 1.6 GiB to hash: seconds, and more on a busy machine.
  const timeoutMillis = 240_000
  it.effect(
    "more blocks than one list can name are DatasetTooLarge, and nothing remains",
    () =>
      Effect.gen(function* () {
        const datasets = yield* Datasets
        // The same MiB over and over: the store keeps its 16 blocks once.
        const endless = Stream.forever(Stream.succeed(bytesOf(MiB)))
        const error = yield* Effect.flip(datasets.upload(endless))
        assert.strictEqual(error._tag, "DatasetTooLarge")
        assert.include(error.message, String(datasetSizeBytesMax))
        assert.deepStrictEqual(yield* (yield* BlockStore).volumes, [])
      }).pipe(
        Effect.provide(
          Datasets.layer.pipe(
            Layer.provideMerge(BlockStore.layerMemory),
            Layer.provide(BlockSpace.layerMemory({ quotaBytes: 4n * datasetSizeBytesMax })),
          ),
        ),
      ),
    timeoutMillis,
  )
})
