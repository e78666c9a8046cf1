/** Writes to the store in the directory that it is given until it is killed; a line on stdout for each block that was acknowledged. */
import { Console, Effect, Layer, Result, Stream } from "effect"
import { Block, BlockSpace, BlockStore, Datasets } from "../../src/index.ts"
import { bytesOf } from "../bytesOf.ts"

const [directory = "", mode] = process.argv.slice(2)

const blocks = Stream.iterate(0, (n) => n + 1).pipe(
  Stream.map((n) => Result.getOrThrow(Block.data(bytesOf(65_536, n + 1)))),
)

const intoSlot = Effect.gen(function* () {
  const store = yield* BlockStore
  const space = yield* BlockSpace
  yield* space.hold("0xa", 1n << 40n)
  yield* blocks.pipe(
    Stream.mapEffect((block) => Effect.andThen(store.put("0xa", block), Console.log(block.cid.toString())), {
      concurrency: 8,
      unordered: true,
    }),
    Stream.runDrain,
  )
})

const intoUpload = Effect.gen(function* () {
  const datasets = yield* Datasets
  yield* datasets.upload(
    blocks.pipe(
      Stream.map(({ bytes }) => bytes),
      Stream.tap(() => Console.log("cut")),
    ),
  )
})

const layer = Datasets.layer.pipe(
  Layer.provideMerge(BlockStore.layerFileSystem({ directory })),
  Layer.provideMerge(BlockSpace.layerMemory({ quotaBytes: 1n << 41n })),
)

const work: Effect.Effect<void, unknown, Datasets | BlockStore | BlockSpace> = mode === "slot" ? intoSlot : intoUpload

await Effect.runPromise(Effect.provide(work, layer))
