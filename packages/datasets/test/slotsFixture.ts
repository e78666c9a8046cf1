import { ErasureCode } from "@pecia/erasure"
import { BlockRoots } from "@pecia/trees"
import { Context, Effect, Layer, Option, Result, Stream } from "effect"
import {
  type Block,
  BlockNotFound,
  type BlockSource,
  BlockSpace,
  BlockStore,
  type Cid,
  Datasets,
  SlotManifest,
  SlotPart,
  type SlotShape,
  Slots,
} from "../src/index.ts"

/** A node's data plane in this thread, on a store of its own. */
export const over = <E>(store: Layer.Layer<BlockStore, E, BlockSpace>, quotaBytes = 2n ** 30n) =>
  Slots.layer.pipe(
    Layer.provideMerge(Datasets.layer),
    Layer.provideMerge(store),
    Layer.provideMerge(BlockSpace.layerMemory({ quotaBytes })),
    Layer.provide([ErasureCode.layerInThread, BlockRoots.layerInThread]),
  )

/** One more node, with nothing in it. */
export const node = Effect.fnUntraced(function* (quotaBytes?: bigint) {
  const context = yield* Layer.build(Layer.fresh(over(BlockStore.layerMemory, quotaBytes)))
  return {
    slots: Context.get(context, Slots),
    datasets: Context.get(context, Datasets),
    store: Context.get(context, BlockStore),
    space: Context.get(context, BlockSpace),
  }
})

export type Node = Effect.Success<ReturnType<typeof node>>

/** A source that looks into these stores, one after the other. */
export const sourceOf =
  (
    stores: ReadonlyArray<BlockStore["Service"]>,
    isLost: (cid: Cid) => boolean = () => false,
  ): BlockSource<BlockNotFound> =>
  (cids) =>
    Stream.fromIterable(cids).pipe(
      Stream.mapEffect(
        Effect.fnUntraced(function* (cid) {
          if (!isLost(cid))
            for (const store of stores) {
              const bytes = yield* Effect.option(store.get(cid))
              if (Option.isSome(bytes)) return { cid, bytes: bytes.value } satisfies Block
            }
          return yield* new BlockNotFound({ cid })
        }),
      ),
    )

/** A client with a dataset that is laid out. */
export const laidOut = Effect.fnUntraced(function* (bytes: Uint8Array, shape: SlotShape) {
  const client = yield* node()
  const { cid: dataset } = yield* client.datasets.upload(Stream.succeed(bytes))
  const { cid, manifest } = yield* client.slots.lay(dataset, shape)
  return { client, dataset, cid, manifest }
})

/** The parts of each slot. */
export const partsOf = ({ store }: Node, { slots }: SlotManifest) =>
  Effect.forEach(slots, ({ parts }) =>
    Effect.forEach(parts, (cid) =>
      Effect.flatMap(store.get(cid), (bytes) => Effect.fromResult(SlotPart.decode({ cid, bytes }))),
    ),
  )

/** The names of all blocks of each slot. */
export const blocksOf = (client: Node, manifest: SlotManifest) =>
  Effect.map(partsOf(client, manifest), (slots) =>
    slots.map((parts) => parts.flatMap(({ blocks }) => blocks.flatMap(Option.toArray))),
  )

/** All choices of so many of the numbers below `from`. */
export const choices = (from: number, count: number): ReadonlyArray<ReadonlyArray<number>> =>
  count === 0
    ? [[]]
    : Array.from({ length: from }, (_, i) => i).flatMap((i) => choices(i, count - 1).map((rest) => [...rest, i]))

export const collect = <E, R>(bytes: Stream.Stream<Uint8Array, E, R>) =>
  Effect.map(Stream.runCollect(bytes), (chunks) => Buffer.concat(chunks))

export const getManifest = ({ store }: Node, cid: Cid) =>
  Effect.map(store.get(cid), (bytes) => Result.getOrThrow(SlotManifest.decode({ cid, bytes })))
