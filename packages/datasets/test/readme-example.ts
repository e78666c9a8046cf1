import { BlockSpace, BlockStore, Datasets } from "@pecia/datasets"
import { Console, Effect, Layer, Stream } from "effect"

export const program = Effect.gen(function* () {
  const datasets = yield* Datasets
  const { cid } = yield* datasets.upload(Stream.make(new Uint8Array(100_000)), { filename: "zeros" })
  const root = new Uint8Array(32) // @pecia/proving computes it
  const slots = yield* datasets.layOut(cid, 65_536n, [root, root])
  yield* Console.log(`slot 0 has ${(yield* datasets.slotBlocks(slots, 0n)).length} block`)
  yield* Stream.runForEach(datasets.read(cid), (bytes) => Console.log(`${bytes.length} bytes`))
}).pipe(
  // On disk: BlockStore.layerFileSystem({ directory })
  Effect.provide(
    Datasets.layer.pipe(
      Layer.provide(BlockStore.layerMemory),
      Layer.provide(BlockSpace.layerMemory({ quotaBytes: 1_048_576n })),
    ),
  ),
)
