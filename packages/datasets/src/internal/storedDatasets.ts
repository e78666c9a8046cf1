import { randomUUID } from "node:crypto"
import { Effect, Exit, Option, Result, Schema, Semaphore, Stream } from "effect"
import { type Block, blockSizeBytes, type Cid, isMetadataCid, parseCid } from "../Block.ts"
import { BlockSpace } from "../BlockSpace.ts"
import { BlockStore } from "../BlockStore.ts"
import { BlockNotFound, BlockStoreError } from "../BlockStoreError.ts"
import { DatasetTooLarge, InvalidLabel } from "../DatasetError.ts"
import {
  BlockList,
  blocksMax,
  datasetSizeBytesMax,
  Filename,
  InvalidManifest,
  Manifest,
  Mimetype,
  SlotManifest,
} from "../Manifest.ts"
import { SlotContent } from "../SlotContent.ts"
import { InvalidSlotLayout, SlotLayout } from "../SlotLayout.ts"
import { uploadVolumePrefix } from "../UploadVolume.ts"
import { blocksOf } from "./blocksOf.ts"
import { putWhole } from "./putWhole.ts"

/** Space is held in steps of this many bytes, so that the ledger is not asked for each block. */
const holdAheadBytes = 1_048_576n
const putConcurrency = 8
const mendedAtOnce = 16
const readAhead = 8

const checkLabel = (label: "filename" | "mimetype", schema: typeof Filename, value: string | undefined) =>
  value === undefined
    ? Effect.succeed(null)
    : Schema.decodeUnknownEffect(schema)(value).pipe(
        Effect.mapError((error) => new InvalidLabel({ label, detail: error.message.replaceAll("\n", " ") })),
      )

const checkLength = (manifest: Manifest, index: number, block: { readonly cid: Cid; readonly bytes: Uint8Array }) => {
  const expected = Manifest.blockBytes(manifest, index)
  return block.bytes.length === expected
    ? Effect.void
    : Effect.fail(
        new InvalidManifest({
          cid: manifest.tree,
          detail: `its block ${index} has ${block.bytes.length} bytes instead of ${expected}`,
        }),
      )
}

export const make = Effect.gen(function* () {
  const store = yield* BlockStore
  const space = yield* BlockSpace
  /** Datasets come into being and go one at a time; their blocks are written before. */
  const one = yield* Semaphore.make(1)

  const manifest = Effect.fn("Datasets.manifest")(function* (cid: Cid) {
    const bytes = yield* store.get(cid)
    return yield* Effect.fromResult(Manifest.decode({ cid, bytes }))
  })

  const blocks = Effect.fn("Datasets.blocks")(function* (of: Manifest) {
    const bytes = yield* store.get(of.tree)
    return yield* Effect.fromResult(BlockList.decode({ cid: of.tree, bytes }, of))
  })

  const isHere = (cid: Cid) =>
    Effect.map(store.volumes, (volumes) => volumes.some(({ volume }) => volume === cid.toString()))

  /** Near the end of the quota a whole step may not fit where one block does. */
  const hold = (volume: string, block: Block) =>
    space.hold(volume, holdAheadBytes).pipe(
      Effect.as(holdAheadBytes),
      Effect.catchTag("SpaceExhausted", () =>
        Effect.as(space.hold(volume, BigInt(block.bytes.length)), BigInt(block.bytes.length)),
      ),
    )

  const putAll = <E, R>(volume: string, stream: Stream.Stream<Block, E, R>) =>
    Effect.suspend(() => {
      let heldBytes = 0n
      return stream.pipe(
        Stream.tap(
          Effect.fnUntraced(function* (block) {
            const needed = BigInt(block.bytes.length)
            if (heldBytes < needed) heldBytes += yield* hold(volume, block)
            heldBytes -= needed
          }),
        ),
        Stream.mapEffect((block) => store.put(volume, block), { concurrency: putConcurrency, unordered: true }),
        Stream.runDrain,
        Effect.andThen(space.trim(volume)),
      )
    })

  /** Blocks of a dataset that is here already replace those of it that were altered on disk. The others take no space. */
  const mend = (dataset: Cid, cids: ReadonlyArray<Cid>, metadata: ReadonlyArray<Block>) =>
    Stream.fromIterable(cids).pipe(
      Stream.mapEffect((cid) => Effect.map(store.get(cid), (bytes): Block => ({ cid, bytes }))),
      Stream.mapError((cause) => new BlockStoreError({ operation: "mend", cause })),
      Stream.grouped(mendedAtOnce),
      Stream.runForEach((blocks) => putWhole(store, space, dataset.toString(), blocks)),
      Effect.andThen(Effect.forEach(metadata, (block) => store.put(dataset.toString(), block), { discard: true })),
    )

  /** Fills a volume, which then becomes the dataset that `fill` answers with. If that fails, nothing remains. */
  const create = <E, R>(
    fill: (
      volume: string,
    ) => Effect.Effect<{ readonly manifest: Block; readonly list: Block; readonly cids: ReadonlyArray<Cid> }, E, R>,
  ) =>
    Effect.acquireUseRelease(
      Effect.sync(() => `${uploadVolumePrefix}${randomUUID()}`),
      Effect.fnUntraced(function* (volume: string) {
        const { manifest, list, cids } = yield* fill(volume)
        yield* Effect.gen(function* () {
          if (yield* isHere(manifest.cid)) {
            yield* mend(manifest.cid, cids, [list, manifest])
            yield* store.drop(volume)
          } else {
            yield* store.put(volume, list)
            yield* store.put(volume, manifest)
            yield* store.rename(volume, manifest.cid.toString())
          }
        }).pipe(one.withPermit)
        return { cid: manifest.cid, manifest: yield* Effect.orDie(Effect.fromResult(Manifest.decode(manifest))) }
      }),
      (volume, exit) =>
        Exit.isSuccess(exit)
          ? Effect.void
          : store
              .drop(volume)
              .pipe(
                Effect.catch((error) =>
                  Effect.logWarning(`${volume} could not be removed; the next start does it. ${error.message}`),
                ),
              ),
    )

  const upload = Effect.fn("Datasets.upload")(function* <E, R>(
    bytes: Stream.Stream<Uint8Array, E, R>,
    about: { readonly filename?: string; readonly mimetype?: string } = {},
  ) {
    const filename = yield* checkLabel("filename", Filename, about.filename)
    const mimetype = yield* checkLabel("mimetype", Mimetype, about.mimetype)
    return yield* create(
      Effect.fnUntraced(function* (volume) {
        const cids: Array<Cid> = []
        let sizeBytes = 0
        const counted = blocksOf(bytes).pipe(
          Stream.tap((block) => {
            if (cids.length === blocksMax) return Effect.fail(new DatasetTooLarge({ limitBytes: datasetSizeBytesMax }))
            cids.push(block.cid)
            sizeBytes += block.bytes.length
            return Effect.void
          }),
        )
        yield* putAll(volume, counted)
        const list = BlockList.encode(cids)
        return {
          manifest: Manifest.encode({
            sizeBytes: BigInt(sizeBytes),
            blockSizeBytes,
            tree: list.cid,
            filename,
            mimetype,
          }),
          list,
          cids,
        }
      }),
    )
  })

  const import_ = Effect.fn("Datasets.import")(function* <E, R>(
    manifestBlock: Block,
    list: Block,
    stream: Stream.Stream<Block, E, R>,
  ) {
    const invalid = (detail: string) => new InvalidManifest({ cid: manifestBlock.cid, detail })
    const manifest = yield* Effect.fromResult(Manifest.decode(manifestBlock))
    if (!manifest.tree.equals(list.cid)) return yield* invalid(`its list of blocks is not ${list.cid}`)
    const cids = yield* Effect.fromResult(BlockList.decode(list, manifest))
    return yield* create(
      Effect.fnUntraced(function* (volume) {
        let index = 0
        const checked = stream.pipe(
          Stream.tap(
            Effect.fnUntraced(function* (block) {
              if (!cids[index]?.equals(block.cid)) return yield* invalid(`${block.cid} is not its block ${index}`)
              yield* checkLength(manifest, index, block)
              index += 1
            }),
          ),
        )
        yield* putAll(volume, checked)
        if (index < cids.length) return yield* invalid(`only ${index} of its ${cids.length} blocks came`)
        return { manifest: manifestBlock, list, cids }
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
      return Stream.fromIterable((yield* blocks(found)).entries()).pipe(
        Stream.mapEffect(
          Effect.fnUntraced(function* ([index, cid]) {
            const bytes = yield* store.get(cid)
            yield* checkLength(found, index, { cid, bytes })
            return bytes
          }),
          { concurrency: readAhead },
        ),
      )
    }).pipe(Stream.unwrap, Stream.withSpan("Datasets.read"))

  const remove = Effect.fn("Datasets.remove")((cid: Cid) => one.withPermit(store.drop(cid.toString())))

  const layOut = Effect.fn("Datasets.layOut")(function* (
    cid: Cid,
    slotSizeBytes: bigint,
    slotRoots: ReadonlyArray<Uint8Array>,
  ) {
    const cids = yield* blocks(yield* manifest(cid))
    yield* Effect.fromResult(SlotLayout.make(cids, slotRoots.length, slotSizeBytes))
    if (slotRoots.some((root) => root.length !== 32)) {
      return yield* new InvalidSlotLayout({ detail: "the root of a slot has to have 32 bytes" })
    }
    const block = SlotManifest.encode({ manifest: cid, slotSizeBytes, slotRoots })
    yield* Effect.gen(function* () {
      if (!(yield* isHere(cid))) return yield* new BlockNotFound({ cid })
      yield* store.put(cid.toString(), block)
    }).pipe(one.withPermit)
    return block.cid
  })

  const slotManifest = Effect.fn("Datasets.slotManifest")(function* (cid: Cid) {
    const bytes = yield* store.get(cid)
    return yield* Effect.fromResult(SlotManifest.decode({ cid, bytes }))
  })

  const contentsOf = Effect.fn("Datasets.contentsOf")(function* (cid: Cid) {
    const { manifest: dataset, slotRoots } = yield* slotManifest(cid)
    const contents = slotRoots.map((slotRoot) => SlotContent.encode({ manifest: cid, slotRoot }))
    yield* Effect.gen(function* () {
      if (!(yield* isHere(dataset))) return yield* new BlockNotFound({ cid: dataset })
      yield* putWhole(store, space, dataset.toString(), contents)
    }).pipe(one.withPermit)
    return contents.map((block) => block.cid)
  })

  const slotBlocks = Effect.fn("Datasets.slotBlocks")(function* (cid: Cid, slotIndex: bigint) {
    const { manifest: dataset, slotSizeBytes, slotRoots } = yield* slotManifest(cid)
    const cids = yield* blocks(yield* manifest(dataset))
    const layout = yield* Effect.fromResult(SlotLayout.make(cids, slotRoots.length, slotSizeBytes))
    return yield* Effect.fromOption(layout.slotBlocks(slotIndex)).pipe(
      Effect.mapError(
        () =>
          new InvalidSlotLayout({ detail: `there are ${slotRoots.length} slots, and none has the index ${slotIndex}` }),
      ),
    )
  })

  return {
    upload,
    import: import_,
    list,
    manifest,
    blocks,
    read,
    remove,
    layOut,
    contentsOf,
    slotManifest,
    slotBlocks,
  }
})
