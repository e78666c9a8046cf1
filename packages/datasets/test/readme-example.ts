import { BlockSource, BlockSpace, BlockStore, Datasets, Slots } from "@pecia/datasets"
import { ErasureCode } from "@pecia/erasure"
import { BlockRoots } from "@pecia/trees"
import { Console, Effect, Layer, Stream } from "effect"

export const program = Effect.gen(function* () {
  const { cid } = yield* (yield* Datasets).upload(Stream.make(new Uint8Array(100_000)), { filename: "zeros" })
  const slots = yield* Slots
  const laid = yield* slots.lay(cid, { data: 4, parity: 2 })
  yield* Console.log(`${laid.manifest.slots.length} slots, of which any 4 are enough`)
  const source = BlockSource.fromStore(yield* BlockStore) // or the hosts that keep the slots
  yield* Stream.runForEach(slots.read(laid.cid, source), (bytes) => Console.log(`${bytes.length} bytes`))
}).pipe(
  // On disk: BlockStore.layerFileSystem({ directory })
  Effect.provide(
    Slots.layer.pipe(
      Layer.provideMerge(Datasets.layer),
      Layer.provideMerge(BlockStore.layerMemory),
      Layer.provide([BlockSpace.layerMemory({ quotaBytes: 1_048_576n }), ErasureCode.layer, BlockRoots.layerInThread]),
    ),
  ),
)
