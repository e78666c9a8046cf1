import { BlockDamageTest, BlockStoreTest } from "../src/testing/index.ts"
import { fileStore, memoryStore } from "./damagedStores.ts"

BlockStoreTest.suite("BlockStore.layerMemory", memoryStore)
BlockStoreTest.suite("BlockStore.layerFileSystem", fileStore)
BlockDamageTest.suite("BlockStore.layerMemory, damaged", memoryStore)
BlockDamageTest.suite("BlockStore.layerFileSystem, damaged", fileStore)
