import { Effect, Layer } from "effect"
import { BlockSpace, BlockStore } from "../src/index.ts"
import { BlockStoreTest } from "../src/testing/index.ts"
import { temporaryDirectory } from "./temporaryDirectory.ts"

const space = BlockSpace.layerMemory({ quotaBytes: BlockStoreTest.quotaBytes })

BlockStoreTest.suite("BlockStore.layerMemory", BlockStore.layerMemory.pipe(Layer.provideMerge(space)))

BlockStoreTest.suite(
  "BlockStore.layerFileSystem",
  Layer.unwrap(Effect.map(temporaryDirectory, (directory) => BlockStore.layerFileSystem({ directory }))).pipe(
    Layer.provideMerge(space),
  ),
)
