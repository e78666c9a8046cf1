import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { BlockSpace, BlockStore, Datasets, isDataCid, Slots } from "@pecia/datasets"
import { ErasureCode } from "@pecia/erasure"
import { BlockRoots } from "@pecia/trees"
import { Context, Effect, Layer } from "effect"

/** A hand on the bytes of a store, behind its back. */
export class StoredBytes extends Context.Service<
  StoredBytes,
  {
    /** Alters at least one byte in each 64-byte pair of every stored block of data. */
    readonly alter: Effect.Effect<void>
  }
>()("test/StoredBytes") {}

const quotaBytes = 2n ** 30n

const altered = (bytes: Uint8Array) => bytes.map((byte, at) => (at % 64 === 0 ? byte ^ 1 : byte))

/** In memory, and after `alter` a store that breaks its law: it answers with altered bytes as if they were right. */
export const lyingStore = Layer.effectContext(
  Effect.gen(function* () {
    let isLying = false
    const store = yield* BlockStore
    return Context.make(
      BlockStore,
      BlockStore.of({
        ...store,
        get: (cid) => Effect.map(store.get(cid), (bytes) => (isLying && isDataCid(cid) ? altered(bytes) : bytes)),
      }),
    ).pipe(
      Context.add(
        StoredBytes,
        StoredBytes.of({
          alter: Effect.sync(() => {
            isLying = true
          }),
        }),
      ),
    )
  }),
).pipe(Layer.provide(BlockStore.layerMemory), Layer.provideMerge(BlockSpace.layerMemory({ quotaBytes })))

const temporaryDirectory = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "pecia-proving-"))),
  (directory) => Effect.promise(() => rm(directory, { recursive: true, force: true })),
)

const alterFiles = async (directory: string) => {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile()) await writeFile(path, altered(await readFile(path)))
  }
}

/** On files, which `alter` changes on disk; blocks of metadata as well. */
export const fileStore = Layer.unwrap(
  Effect.map(temporaryDirectory, (directory) =>
    Layer.merge(
      BlockStore.layerFileSystem({ directory }),
      Layer.succeed(StoredBytes, StoredBytes.of({ alter: Effect.promise(() => alterFiles(directory)) })),
    ),
  ),
).pipe(Layer.provideMerge(BlockSpace.layerMemory({ quotaBytes })))

/** With datasets and their slots on top. */
export const withDatasets = <E>(store: Layer.Layer<BlockStore | BlockSpace | StoredBytes, E>) =>
  Slots.layer.pipe(
    Layer.provide([ErasureCode.layerInThread, BlockRoots.layerInThread]),
    Layer.provideMerge(Datasets.layer),
    Layer.provideMerge(store),
  )
