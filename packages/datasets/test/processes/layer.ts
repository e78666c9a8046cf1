/** Lays a dataset out in one shape after the other, makes a slot of each anew, and says a line for each step that has ended, until it is killed. */
import { ErasureCode } from "@pecia/erasure"
import { BlockRoots } from "@pecia/trees"
import { Console, Effect, Layer, Stream } from "effect"
import { BlockNotFound, BlockSource, BlockSpace, BlockStore, type Cid, Datasets, Slots } from "../../src/index.ts"
import { bytesOf } from "../bytesOf.ts"

const [directory = ""] = process.argv.slice(2)

const program = Effect.gen(function* () {
  const { cid: dataset } = yield* (yield* Datasets).upload(Stream.succeed(bytesOf(40 * 65_536 - 3)))
  yield* Console.log(`dataset ${dataset}`)
  const slots = yield* Slots
  const here = BlockSource.fromStore(yield* BlockStore)
  for (let i = 0; ; i++) {
    const { cid, manifest } = yield* slots.lay(dataset, { data: 2 + (i % 20), parity: 1 + Math.floor(i / 20) })
    yield* Console.log(`slots ${cid}`)
    // One of its slots is made from the others.
    const slotIndex = i % manifest.slots.length
    const lost = new Set(manifest.slots[slotIndex]?.parts.map(String))
    const source = (cids: ReadonlyArray<Cid>) =>
      Stream.unwrap(
        Effect.gen(function* () {
          return cids.some((name) => lost.has(String(name))) ? yield* new BlockNotFound({ cid }) : here(cids)
        }),
      )
    yield* (yield* BlockSpace).hold(`slot-${i}`, manifest.slotSizeBytes)
    yield* slots.store(`slot-${i}`, cid, slotIndex, source)
    yield* Console.log(`stored ${i} ${slotIndex} ${cid}`)
  }
}).pipe(
  Effect.provide(
    Slots.layer.pipe(
      Layer.provideMerge(Datasets.layer),
      Layer.provideMerge(BlockStore.layerFileSystem({ directory })),
      Layer.provideMerge(BlockSpace.layerMemory({ quotaBytes: 1n << 40n })),
      Layer.provide([ErasureCode.layerInThread, BlockRoots.layerInThread]),
    ),
  ),
)

await Effect.runPromise(program)
