/** Uploads without an end to the store in the directory that it is given, until it is killed; a line on stdout for each block. */
import { Console, Effect, Layer, Stream } from "effect"
import { BlockSpace, BlockStore, Datasets } from "../../src/index.ts"
import { bytesOf } from "../bytesOf.ts"

const [directory = ""] = process.argv.slice(2)

const upload = Effect.flatMap(Datasets, (datasets) =>
  datasets.upload(
    Stream.iterate(1, (n) => n + 1).pipe(
      Stream.map((n) => bytesOf(65_536, n)),
      Stream.tap(() => Console.log("cut")),
    ),
  ),
)

const layer = Datasets.layer.pipe(
  Layer.provideMerge(BlockStore.layerFileSystem({ directory })),
  Layer.provideMerge(BlockSpace.layerMemory({ quotaBytes: 1n << 41n })),
)

await Effect.runPromise(Effect.provide(upload, layer))
