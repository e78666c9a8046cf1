import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema, Stream } from "effect"
import { BlockSpace, BlockStore, Datasets } from "../src/index.ts"
import { bytesOf } from "./bytesOf.ts"

const layer = Datasets.layer.pipe(
  Layer.provideMerge(BlockStore.layerMemory),
  Layer.provideMerge(BlockSpace.layerMemory({ quotaBytes: 1n << 40n })),
)

const SizeBytes = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2_097_152 }))
const Cuts = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 300_000 })))

/** The bytes in chunks of the given sizes, over and over; a size of 0 gives an empty chunk. */
function* chunksOf(bytes: Uint8Array, sizes: ReadonlyArray<number>) {
  const cuts = sizes.some((size) => size > 0) ? sizes : [bytes.length]
  for (let start = 0, i = 0; start < bytes.length; i++) {
    const size = cuts[i % cuts.length] ?? 0
    yield bytes.subarray(start, start + size)
    start += size
  }
}

describe("Datasets", () => {
  it.effect.prop(
    "however bytes are chunked they are the same dataset, and they come back as they went in",
    [SizeBytes, Cuts],
    ([sizeBytes, cuts]) =>
      Effect.gen(function* () {
        const datasets = yield* Datasets
        const bytes = bytesOf(sizeBytes)
        const whole = yield* datasets.upload(Stream.succeed(bytes))
        const chunked = yield* datasets.upload(Stream.fromIterable(chunksOf(bytes, cuts)))
        assert.strictEqual(chunked.cid.toString(), whole.cid.toString())
        const chunks = yield* Stream.runCollect(datasets.read(chunked.cid))
        assert.strictEqual(Buffer.compare(Buffer.concat(chunks), bytes), 0)
      }).pipe(Effect.provide(layer)),
    { arbitrary: { runs: 40 } },
  )
})
