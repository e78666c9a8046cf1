import { Effect, Option, Result, Schema, Stream } from "effect"
import { blockSizeBytes, type Cid, isDataCid, isMetadataCid, parseCid } from "../Block.ts"
import { BlockSource } from "../BlockSource.ts"
import { BlockSpace } from "../BlockSpace.ts"
import { BlockStore } from "../BlockStore.ts"
import { DatasetTooLarge, InvalidLabel } from "../DatasetError.ts"
import type { Dataset } from "../Datasets.ts"
import { FileTree } from "../FileTree.ts"
import { datasetSizeBytesMax, Filename, Manifest, Mimetype } from "../Manifest.ts"
import { blocksOf } from "./blocksOf.ts"
import { stageCar } from "./carStage.ts"
import { checkLength } from "./checkLength.ts"
import { fileBlocks } from "./fileBlocks.ts"
import { oneOf } from "./oneOf.ts"
import { startProgress } from "./progress.ts"
import { putStream } from "./putStream.ts"
import { makeSettling } from "./settling.ts"
import { withWorkVolume } from "./workVolume.ts"

const readAhead = 8

const checkLabel = (label: "filename" | "mimetype", schema: typeof Filename, value: string | undefined) =>
  value === undefined
    ? Effect.succeed(null)
    : Schema.decodeUnknownEffect(schema)(value).pipe(
        Effect.mapError((error) => new InvalidLabel({ label, detail: error.message.replaceAll("\n", " ") })),
      )

export const make = Effect.gen(function* () {
  const store = yield* BlockStore
  const space = yield* BlockSpace
  const settling = makeSettling(store, space)
  const here = BlockSource.fromStore(store)

  const manifest = Effect.fn("Datasets.manifest")(function* (cid: Cid) {
    return yield* Effect.fromResult(Manifest.decode(yield* oneOf(here, cid)))
  })

  const blocks = ({ content, sizeBytes }: Manifest) =>
    FileTree.leaves(content, sizeBytes, (node) => here([node])).pipe(Stream.withSpan("Datasets.blocks"))

  /** Completes a volume with the manifest, and makes it the dataset. */
  const settle = Effect.fnUntraced(function* (volume: string, made: Manifest) {
    const block = Manifest.encode(made)
    const dataset: Dataset = { cid: block.cid, manifest: made }
    yield* store.put(volume, block)
    yield* settling.settle(volume, block.cid.toString(), Stream.concat(fileBlocks(made, here), Stream.succeed(block)))
    return dataset
  })

  const upload = Effect.fn("Datasets.upload")(function* <E, R>(
    bytes: Stream.Stream<Uint8Array, E, R>,
    about: { readonly filename?: string; readonly mimetype?: string } = {},
  ) {
    const filename = yield* checkLabel("filename", Filename, about.filename)
    const mimetype = yield* checkLabel("mimetype", Mimetype, about.mimetype)
    const progress = yield* startProgress("upload")
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
              yield* progress.add(block.bytes.length)
            }),
          ),
        )
        yield* putStream(store, space, volume, passing)
        const { nodes, root: content } = tree.end()
        for (const node of nodes) yield* store.put(volume, node)
        const dataset = yield* settle(volume, { sizeBytes, blockSizeBytes, content, filename, mimetype })
        yield* progress.end
        return dataset
      }),
    )
  })

  const import_ = Effect.fn("Datasets.import")(function* <E, R>(cid: Cid, source: BlockSource<E, R>) {
    const found = yield* Effect.fromResult(Manifest.decode(yield* oneOf(source, cid)))
    const progress = yield* startProgress("import", found.sizeBytes)
    return yield* withWorkVolume(
      store,
      Effect.fnUntraced(function* (volume) {
        const passing = fileBlocks(found, source).pipe(
          Stream.tap(({ bytes, cid }) => (isDataCid(cid) ? progress.add(bytes.length) : Effect.void)),
        )
        yield* putStream(store, space, volume, passing)
        const dataset = yield* settle(volume, found)
        yield* progress.end
        return dataset
      }),
    )
  })

  const importCar = Effect.fn("Datasets.importCar")(function* <E, R>(bytes: Stream.Stream<Uint8Array, E, R>) {
    const progress = yield* startProgress("import")
    return yield* withWorkVolume(
      store,
      Effect.fnUntraced(function* (volume) {
        const found = yield* stageCar(store, space, volume, bytes, progress)
        const dataset = yield* settle(volume, found)
        yield* progress.end
        return dataset
      }),
    )
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
    Effect.gen(function* () {
      const found = yield* manifest(cid)
      const progress = yield* startProgress("read", found.sizeBytes)
      return blocks(found).pipe(
        Stream.mapEffect((leaf) => oneOf(here, leaf), { concurrency: readAhead }),
        Stream.zipWithIndex,
        Stream.mapEffect(([block, index]) => Effect.as(checkLength(found, index, block.bytes.length), block.bytes)),
        Stream.tap((bytes) => progress.add(bytes.length)),
        Stream.onEnd(progress.end),
      )
    }).pipe(Stream.unwrap, Stream.withSpan("Datasets.read"))

  const remove = Effect.fn("Datasets.remove")((cid: Cid) => settling.alone(store.drop(cid.toString())))

  return { upload, import: import_, importCar, list, manifest, blocks, read, remove }
})
