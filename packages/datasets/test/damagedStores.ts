import * as fs from "node:fs/promises"
import * as path from "node:path"
import { Context, Effect, Layer } from "effect"
import { BlockSpace, BlockStore, type Cid } from "../src/index.ts"
import { blockKey } from "../src/internal/blockKey.ts"
import * as MemoryMedium from "../src/internal/memoryMedium.ts"
import * as Volumes from "../src/internal/volumes.ts"
import { BlockDamageTest, BlockStoreTest } from "../src/testing/index.ts"
import { temporaryDirectory } from "./temporaryDirectory.ts"

const { Damage } = BlockDamageTest
const space = BlockSpace.layerMemory({ quotaBytes: BlockStoreTest.quotaBytes })

const flipped = (bytes: Uint8Array) => bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte))

/** Each kind of store, with a way to damage its blocks. */
export const memoryStore = Layer.effectContext(
  Effect.gen(function* () {
    const memory: MemoryMedium.Memory = new Map()
    const alter = (volume: string, cid: Cid) =>
      Effect.sync(() => {
        const blocks = memory.get(volume)
        blocks?.set(blockKey(cid), flipped(blocks.get(blockKey(cid)) ?? new Uint8Array()))
      })
    const lose = (volume: string, cid: Cid) => Effect.sync(() => void memory.get(volume)?.delete(blockKey(cid)))
    const store = yield* Volumes.make(MemoryMedium.make(memory))
    return Context.make(BlockStore, store).pipe(Context.add(Damage, Damage.of({ alter, lose })))
  }),
).pipe(Layer.provideMerge(space))

export const fileStore = Layer.unwrap(
  Effect.map(temporaryDirectory, (directory) => {
    const fileOf = (volume: string, cid: Cid) => path.join(directory, volume, `${cid}.block`)
    const alter = (volume: string, cid: Cid) =>
      Effect.promise(async () => {
        const file = fileOf(volume, cid)
        await fs.writeFile(file, flipped(await fs.readFile(file)))
      })
    const lose = (volume: string, cid: Cid) => Effect.promise(() => fs.rm(fileOf(volume, cid)))
    return Layer.merge(BlockStore.layerFileSystem({ directory }), Layer.succeed(Damage, Damage.of({ alter, lose })))
  }),
).pipe(Layer.provideMerge(space))
