import { Effect, Option, Result, Schema, Semaphore, Stream } from "effect"
import { type Block, blockSizeBytes, type Cid, isMetadataCid, parseCid } from "../Block.ts"
import type { BlockSource } from "../BlockSource.ts"
import { BlockSpace } from "../BlockSpace.ts"
import { BlockStore } from "../BlockStore.ts"
import { BlockStoreError } from "../BlockStoreError.ts"
import { DatasetTooLarge, InvalidLabel } from "../DatasetError.ts"
import type { Dataset } from "../Datasets.ts"
import { FileTree } from "../FileTree.ts"
import { InvalidManifest } from "../InvalidManifest.ts"
import { datasetSizeBytesMax, Filename, Manifest, Mimetype } from "../Manifest.ts"
import { blocksOf } from "./blocksOf.ts"
import { putStream } from "./putStream.ts"
import { putWhole } from "./putWhole.ts"
import { withWorkVolume } from "./workVolume.ts"

const readAhead = 8

const mendedAtOnce = 16

/** Data blocks that are asked for together. */
const window = 64

const checkLabel = (label: "filename" | "mimetype", schema: typeof Filename, value: string | undefined) =>
  value === undefined
    ? Effect.succeed(null)
    : Schema.decodeUnknownEffect(schema)(value).pipe(
        Effect.mapError((error) => new InvalidLabel({ label, detail: error.message.replaceAll("\n", " ") })),
      )

const checkLength = (manifest: Manifest, index: number, block: Block) => {
  const expected = Manifest.blockBytes(manifest, index)
  return block.bytes.length === expected
    ? Effect.void
    : Effect.fail(
        new InvalidManifest({
          cid: manifest.content,
          detail: `its block ${index} has ${block.bytes.length} bytes instead of ${expected}`,
        }),
      )
}

export const make = Effect.gen(function* () {
  const store = yield* BlockStore
  const space = yield* BlockSpace
  /** Datasets come into being and go one at a time; their blocks are written before. */
  const one = yield* Semaphore.make(1)

  const read1 = (cid: Cid) => Effect.map(store.get(cid), (bytes): Block => ({ cid, bytes }))
  const fromStore = (cids: ReadonlyArray<Cid>) =>
    Stream.fromIterable(cids).pipe(Stream.mapEffect(read1, { concurrency: readAhead }))

  const manifest = Effect.fn("Datasets.manifest")(function* (cid: Cid) {
    return yield* Effect.fromResult(Manifest.decode(yield* read1(cid)))
  })

  const blocks = ({ content, sizeBytes }: Manifest) =>
    FileTree.leaves(content, sizeBytes, (node) => fromStore([node])).pipe(Stream.withSpan("Datasets.blocks"))

  const isHere = (cid: Cid) =>
    Effect.map(store.volumes, (volumes) => volumes.some(({ volume }) => volume === cid.toString()))

  /** Blocks that are here already replace those of a dataset that were altered on disk. The others take no space. */
  const mend = (name: string, { content, sizeBytes }: Manifest) => {
    const nodes = (node: Cid) => Stream.tap(fromStore([node]), (block) => store.put(name, block))
    return FileTree.leaves(content, sizeBytes, nodes).pipe(
      Stream.mapEffect(read1),
      Stream.grouped(mendedAtOnce),
      Stream.runForEach((blocks) => putWhole(store, space, name, blocks)),
      Effect.catchTag(["BlockNotFound", "BlockCorrupt", "InvalidManifest"], (cause) =>
        Effect.fail(new BlockStoreError({ operation: "mend", cause })),
      ),
    )
  }

  /** Makes a volume the dataset; where that is here already, what was altered of it on disk is replaced, and the volume goes. */
  const settle = (volume: string, dataset: Dataset, manifestBlock: Block) =>
    Effect.gen(function* () {
      const name = dataset.cid.toString()
      if (!(yield* isHere(dataset.cid))) {
        yield* store.put(volume, manifestBlock)
        return yield* store.rename(volume, name)
      }
      yield* mend(name, dataset.manifest)
      yield* store.put(name, manifestBlock)
      yield* store.drop(volume)
    }).pipe(one.withPermit)

  const upload = Effect.fn("Datasets.upload")(function* <E, R>(
    bytes: Stream.Stream<Uint8Array, E, R>,
    about: { readonly filename?: string; readonly mimetype?: string } = {},
  ) {
    const filename = yield* checkLabel("filename", Filename, about.filename)
    const mimetype = yield* checkLabel("mimetype", Mimetype, about.mimetype)
    return yield* withWorkVolume(
      store,
      Effect.fnUntraced(function* (volume) {
        const tree = FileTree.builder()
        let sizeBytes = 0n
        const passing = blocksOf(bytes).pipe(
          Stream.tap(
            Effect.fnUntraced(function* (block) {
              sizeBytes += BigInt(block.bytes.length)
              if (sizeBytes > datasetSizeBytesMax)
                return yield* new DatasetTooLarge({ limitBytes: datasetSizeBytesMax })
              for (const node of tree.add(block)) yield* store.put(volume, node)
            }),
          ),
        )
        yield* putStream(store, space, volume, passing)
        const { nodes, root: content } = tree.end()
        for (const node of nodes) yield* store.put(volume, node)
        const made: Manifest = { sizeBytes, blockSizeBytes, content, filename, mimetype }
        const block = Manifest.encode(made)
        const dataset: Dataset = { cid: block.cid, manifest: made }
        yield* settle(volume, dataset, block)
        return dataset
      }),
    )
  })

  const import_ = Effect.fn("Datasets.import")(function* <E, R>(cid: Cid, source: BlockSource<E, R>) {
    const first = yield* Stream.runHead(source([cid]))
    if (Option.isNone(first)) return yield* Effect.die(`a source of blocks ended without ${cid}`)
    const dataset: Dataset = { cid, manifest: yield* Effect.fromResult(Manifest.decode(first.value)) }
    const { manifest } = dataset
    yield* withWorkVolume(
      store,
      Effect.fnUntraced(function* (volume) {
        const nodes = (node: Cid) => Stream.tap(source([node]), (block) => store.put(volume, block))
        const passing = FileTree.leaves(manifest.content, manifest.sizeBytes, nodes).pipe(
          Stream.grouped(window),
          Stream.flatMap(source),
          Stream.zipWithIndex,
          Stream.mapEffect(([block, index]) => Effect.as(checkLength(manifest, index, block), block)),
        )
        yield* putStream(store, space, volume, passing)
        yield* settle(volume, dataset, first.value)
      }),
    )
    return dataset
  })

  const list = Effect.gen(function* () {
    const cids = (yield* store.volumes).flatMap(({ volume }) =>
      Option.toArray(Option.filter(Result.getSuccess(parseCid(volume)), isMetadataCid)),
    )
    const datasets = yield* Effect.forEach(cids, (cid) =>
      Effect.map(manifest(cid), (manifest) => Option.some({ cid, manifest })).pipe(
        // One damaged dataset does not hide the others.
        Effect.catchTag(["BlockNotFound", "BlockCorrupt", "InvalidManifest"], (error) =>
          Effect.as(Effect.logWarning(`A dataset cannot be listed. ${error.message}`), Option.none()),
        ),
      ),
    )
    return datasets.flatMap(Option.toArray)
  }).pipe(Effect.withSpan("Datasets.list"))

  const read = (cid: Cid) =>
    Effect.map(manifest(cid), (found) =>
      blocks(found).pipe(
        Stream.mapEffect(read1, { concurrency: readAhead }),
        Stream.zipWithIndex,
        Stream.mapEffect(([block, index]) => Effect.as(checkLength(found, index, block), block.bytes)),
      ),
    ).pipe(Stream.unwrap, Stream.withSpan("Datasets.read"))

  const remove = Effect.fn("Datasets.remove")((cid: Cid) => one.withPermit(store.drop(cid.toString())))

  return { upload, import: import_, list, manifest, blocks, read, remove }
})
