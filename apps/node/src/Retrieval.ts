import {
  type Block,
  type BlockCorrupt,
  BlockList,
  type BlockNotFound,
  BlockStore,
  type BlockStoreError,
  type Cid,
  type Dataset,
  Datasets,
  InvalidManifest,
  isMetadataCid,
  Manifest,
  SlotManifest,
} from "@pecia/datasets"
import { type BlocksUnavailable, Exchange } from "@pecia/exchange"
import { Context, Effect, Layer, Option, Result, Stream } from "effect"

/** A dataset as its metadata describes it, wherever its blocks are. */
export interface FoundDataset extends Dataset {
  readonly manifestBlock: Block
  readonly listBlock: Block
  readonly blocks: ReadonlyArray<Cid>
}

type Unobtainable = BlocksUnavailable | BlockStoreError | InvalidManifest | BlockNotFound | BlockCorrupt

/** Data blocks that are looked for together. */
const window = 32

/** Blocks and datasets from this node's store, and from its peers where they are not here. Stores nothing. */
export class Retrieval extends Context.Service<
  Retrieval,
  {
    /** One block of metadata. */
    readonly metadata: (cid: Cid) => Effect.Effect<Block, Unobtainable>
    /** Data blocks in the order asked for. */
    readonly blocks: (cids: ReadonlyArray<Cid>) => Stream.Stream<Block, Unobtainable>
    /** What a CID names: a dataset, or the layout of one over slots. */
    readonly dataset: (cid: Cid) => Effect.Effect<FoundDataset, Unobtainable>
    /** The bytes of a dataset. */
    readonly read: (cid: Cid) => Stream.Stream<Uint8Array, Unobtainable>
  }
>()("@pecia/node/Retrieval") {
  static readonly layer = Layer.effect(
    Retrieval,
    Effect.gen(function* () {
      const store = yield* BlockStore
      const exchange = yield* Exchange

      /** None: not here, or not intact here. */
      const fromStore = (cid: Cid) =>
        store.get(cid).pipe(
          Effect.map((bytes) => Option.some<Block>({ cid, bytes })),
          Effect.catchTags({
            BlockNotFound: () => Effect.succeedNone,
            BlockCorrupt: (error) => Effect.as(Effect.logWarning(error.message), Option.none<Block>()),
          }),
        )

      const inWindow = Effect.fnUntraced(function* (cids: ReadonlyArray<Cid>) {
        const here = yield* Effect.forEach(cids, fromStore)
        const missing = cids.filter((_, index) => here[index] !== undefined && Option.isNone(here[index]))
        const fetched = missing.length === 0 ? [] : yield* Stream.runCollect(exchange.fetch(missing))
        const arrivals = fetched[Symbol.iterator]()
        return here.flatMap((block) => (Option.isSome(block) ? [block.value] : (arrivals.next().value ?? [])))
      })

      const blocks = (cids: ReadonlyArray<Cid>) =>
        Stream.fromIterable(cids).pipe(
          Stream.grouped(window),
          Stream.mapEffect(inWindow, { concurrency: 2 }),
          Stream.flatMap(Stream.fromIterable),
        )

      const metadata = Effect.fn("Retrieval.metadata")(function* (cid: Cid) {
        if (!isMetadataCid(cid)) return yield* new InvalidManifest({ cid, detail: "its CID is not one of dag-cbor" })
        const [block] = yield* inWindow([cid])
        return block ?? (yield* Effect.die(`The exchange ended without block ${cid}`))
      })

      const dataset = Effect.fn("Retrieval.dataset")(function* (cid: Cid) {
        const named = yield* metadata(cid)
        const layout = SlotManifest.decode(named)
        const manifestBlock = Result.isSuccess(layout) ? yield* metadata(layout.success.manifest) : named
        const manifest = yield* Effect.fromResult(Manifest.decode(manifestBlock))
        const listBlock = yield* metadata(manifest.tree)
        const list = yield* Effect.fromResult(BlockList.decode(listBlock, manifest))
        return { cid: manifestBlock.cid, manifest, manifestBlock, listBlock, blocks: list }
      })

      return Retrieval.of({
        metadata,
        blocks,
        dataset,
        read: (cid) =>
          Stream.unwrap(Effect.map(dataset(cid), (found) => blocks(found.blocks))).pipe(
            Stream.map(({ bytes }) => bytes),
          ),
      })
    }),
  )
}

/** Fetches a whole dataset into this node. */
export const importDataset = Effect.fn("Retrieval.import")(function* (cid: Cid) {
  const datasets = yield* Datasets
  const retrieval = yield* Retrieval
  const { manifestBlock, listBlock, blocks } = yield* retrieval.dataset(cid)
  return yield* datasets.import(manifestBlock, listBlock, retrieval.blocks(blocks))
})
