import {
  type Block,
  type BlockSource,
  BlockStore,
  type BlockStoreError,
  type Cid,
  type Dataset,
  Datasets,
  FileTree,
  InvalidManifest,
  isMetadataCid,
  Manifest,
  SlotManifest,
  Slots,
  type TooFewSlots,
  type UnknownCodec,
} from "@pecia/datasets"
import { type BlocksUnavailable, Exchange } from "@pecia/exchange"
import { Array as Arrays, Context, Effect, Layer, Option, Result, type Scope, Sink, Stream } from "effect"
import { LaidSlots } from "./LaidSlots.ts"

/** A dataset as its manifest describes it, wherever its blocks are. */
export interface FoundDataset extends Dataset {
  /** The slot manifests that are known of it. */
  readonly layouts: ReadonlyArray<Cid>
}

type Unavailable = BlocksUnavailable | BlockStoreError
type Unobtainable = Unavailable | InvalidManifest | TooFewSlots | UnknownCodec

/** Data blocks that are looked for together, and how often at the same time: 8 MiB. */
const window = 64
const windowsAtOnce = 2

const checkLength = (found: FoundDataset, index: number, { bytes, cid }: Block) =>
  bytes.length === Manifest.blockBytes(found.manifest, index)
    ? Effect.succeed(bytes)
    : Effect.fail(
        new InvalidManifest({ cid: found.cid, detail: `its block ${index}, ${cid}, has ${bytes.length} bytes` }),
      )

/** The same bytes, of which the first are there: so it is certain that there is something to answer with. */
export const begun = <E>(bytes: Stream.Stream<Uint8Array, E>) =>
  Effect.map(Stream.peel(bytes, Sink.head<Uint8Array>()), ([first, rest]) =>
    Stream.concat(Stream.fromIterable(Option.toArray(first)), rest),
  )

/** Blocks and datasets from this node's store, and from its peers where they are not here, or not intact. Stores nothing. */
export class Retrieval extends Context.Service<
  Retrieval,
  {
    /** Peers that announced `near` are looked for when those that are connected have not got all. */
    readonly source: (near: Cid) => BlockSource<Unavailable>
    /** One block of metadata. */
    readonly metadata: (cid: Cid) => Effect.Effect<Block, Unobtainable>
    /** What a CID names: a dataset, or a layout of one over slots. */
    readonly dataset: (cid: Cid) => Effect.Effect<FoundDataset, Unobtainable>
    /** The bytes of a dataset, from any of its slots that are enough where a layout of it is known. The first bytes are there. */
    readonly open: (
      found: FoundDataset,
    ) => Effect.Effect<Stream.Stream<Uint8Array, Unobtainable>, Unobtainable, Scope.Scope>
  }
>()("@pecia/node/Retrieval") {
  static readonly layer = Layer.effect(
    Retrieval,
    Effect.gen(function* () {
      const store = yield* BlockStore
      const exchange = yield* Exchange
      const slots = yield* Slots
      const laid = yield* LaidSlots

      const source = (near: Cid) => (cids: ReadonlyArray<Cid>) => exchange.fetch(cids, { near })

      const metadata = Effect.fn("Retrieval.metadata")(function* (cid: Cid) {
        if (!isMetadataCid(cid)) return yield* new InvalidManifest({ cid, detail: "its CID is not one of dag-cbor" })
        const block = yield* Stream.runHead(source(cid)([cid]))
        return yield* Option.match(block, {
          onNone: () => Effect.die(`The exchange ended without block ${cid}`),
          onSome: Effect.succeed,
        })
      })

      const dataset = Effect.fn("Retrieval.dataset")(function* (cid: Cid) {
        const named = yield* metadata(cid)
        const layout = Result.getSuccess(SlotManifest.decode(named))
        const block = Option.isSome(layout)
          ? yield* Effect.map(
              Stream.runHead(source(cid)([layout.value.manifest])),
              Option.getOrElse(() => named),
            )
          : named
        const manifest = yield* Effect.fromResult(Manifest.decode(block))
        const known = yield* laid.layoutsOf(block.cid)
        const layouts = Option.isSome(layout) ? [cid, ...known.filter((other) => !other.equals(cid))] : known
        return { cid: block.cid, manifest, layouts }
      })

      /** By the tree of the file alone. */
      const readFile = (found: FoundDataset) => {
        const { content, sizeBytes } = found.manifest
        const from = source(found.cid)
        return FileTree.leaves(content, sizeBytes, (node) => from([node])).pipe(
          Stream.grouped(window),
          Stream.mapEffect((names) => Stream.runCollect(from(names)), { concurrency: windowsAtOnce }),
          Stream.flatMap(Stream.fromIterable),
          Stream.zipWithIndex,
          Stream.mapEffect(([block, index]) => checkLength(found, index, block)),
        )
      }

      const isHere = (cid: Cid) =>
        Effect.map(store.volumes, (volumes) => volumes.some(({ volume }) => volume === `${cid}`))

      return Retrieval.of({
        source,
        metadata,
        dataset,
        open: Effect.fn("Retrieval.open")(function* (found) {
          const ways = found.layouts.map((layout) => begun(slots.read(layout, source(layout))))
          if (!Arrays.isReadonlyArrayNonEmpty(ways) || (yield* isHere(found.cid))) return yield* begun(readFile(found))
          return yield* Effect.firstSuccessOf(ways)
        }),
      })
    }),
  )
}

/** Fetches a whole dataset into this node. */
export const importDataset = Effect.fn("Retrieval.import")(function* (found: FoundDataset) {
  const datasets = yield* Datasets
  const retrieval = yield* Retrieval
  if (found.layouts.length === 0) return yield* datasets.import(found.cid, retrieval.source(found.cid))
  const { filename, mimetype } = found.manifest
  const about = { ...(filename === null ? {} : { filename }), ...(mimetype === null ? {} : { mimetype }) }
  return yield* datasets.upload(yield* retrieval.open(found), about)
}, Effect.scoped)
