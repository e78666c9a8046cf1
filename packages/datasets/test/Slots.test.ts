import { assert, describe, it } from "@effect/vitest"
import { ErasureCode } from "@pecia/erasure"
import { BlockRoots } from "@pecia/trees"
import { Context, Effect, Layer, Result, Stream } from "effect"
import { type Block, BlockNotFound, BlockSpace, type BlockSource, BlockStore, type Cid, Datasets, SlotManifest, Slots } from "../src/index.ts"
import { bytesOf } from "./bytesOf.ts"

const layer = Slots.layer.pipe(
  Layer.provideMerge(Datasets.layer),
  Layer.provideMerge(BlockStore.layerMemory),
  Layer.provideMerge(BlockSpace.layerMemory({ quotaBytes: 2n ** 30n })),
  Layer.provide([ErasureCode.layerInThread, BlockRoots.layerInThread]),
)

const collect = (chunks: ReadonlyArray<Uint8Array>) => Buffer.concat(chunks)

/** A source that has what a store has, apart from some blocks. */
const sourceOf =
  (store: BlockStore["Service"], isLost: (cid: Cid) => boolean): BlockSource<unknown> =>
  (cids) =>
    Stream.fromIterable(cids).pipe(
      Stream.mapEffect((cid) =>
        isLost(cid)
          ? Effect.fail(new BlockNotFound({ cid }))
          : Effect.map(store.get(cid), (bytes): Block => ({ cid, bytes })),
      ),
    )

const choices = (from: number, count: number): ReadonlyArray<ReadonlyArray<number>> =>
  count === 0
    ? [[]]
    : Array.from({ length: from }, (_, i) => i).flatMap((i) => choices(i, count - 1).map((rest) => [...rest, i]))

describe("the slots of a dataset", () => {
  for (const [data, parity] of [[1, 0], [3, 0], [2, 1], [4, 2], [6, 4]] as const)
    it.effect(`of ${data} slots of data and ${parity} of parity give it back whichever ${parity} are lost`, () =>
      Effect.gen(function* () {
        const context = yield* Layer.build(layer)
        const [datasets, slots, store] = [Context.get(context, Datasets), Context.get(context, Slots), Context.get(context, BlockStore)]
        const bytes = bytesOf(65_536 * data + 1234)
        const { cid: dataset } = yield* datasets.upload(Stream.make(bytes))
        const { cid, manifest } = yield* slots.lay(dataset, { data, parity })
        assert.strictEqual(manifest.slots.length, data + parity)
        const block = { cid, bytes: yield* store.get(cid) }
        assert.deepStrictEqual(Result.getOrThrow(SlotManifest.decode(block)), manifest)
        for (const lost of choices(data + parity, parity)) {
          const gone = new Set(lost.flatMap((i) => manifest.slots[i]?.parts ?? []).map(String))
          const read = yield* Stream.runCollect(slots.read(cid, sourceOf(store, (cid) => gone.has(String(cid)))))
          assert.deepStrictEqual(collect(read), Buffer.from(bytes))
        }
      }).pipe(Effect.scoped),
    )

  it.effect("are stored one by one elsewhere, and rebuilt there from others", () =>
    Effect.gen(function* () {
      const client = yield* Layer.build(Layer.fresh(layer))
      const bytes = bytesOf(65_536 * 9 + 1)
      const { cid: dataset } = yield* Context.get(client, Datasets).upload(Stream.make(bytes))
      const { cid, manifest } = yield* Context.get(client, Slots).lay(dataset, { data: 3, parity: 2 })
      const clientStore = Context.get(client, BlockStore)
      const hosts = yield* Effect.forEach(manifest.slots, () => Layer.build(Layer.fresh(layer)))
      for (const [i, host] of hosts.entries()) {
        yield* Context.get(host, BlockSpace).hold(`slot ${i}`, manifest.slotSizeBytes)
        if (i !== 1) yield* Context.get(host, Slots).store(`slot ${i}`, cid, i, sourceOf(clientStore, () => false))
      }
      // The client's data and parity are gone, apart from the parts of the slot that nobody has.
      const parts = new Set(manifest.slots[1]?.parts.map(String))
      const others: BlockSource<unknown> = (cids) =>
        Stream.fromIterable(cids).pipe(
          Stream.mapEffect((cid) =>
            Effect.firstSuccessOf([
              ...(parts.has(String(cid)) ? [clientStore.get(cid)] : []),
              ...hosts.map((host) => Context.get(host, BlockStore).get(cid)),
            ]).pipe(Effect.map((bytes): Block => ({ cid, bytes }))),
          ),
        )
      const host = hosts[1]
      if (host === undefined) return assert.fail("there is no host")
      yield* Context.get(host, Slots).store("slot 1", cid, 1, others)
      const read = yield* Stream.runCollect(Context.get(host, Slots).read(cid, others))
      assert.deepStrictEqual(collect(read), Buffer.from(bytes))
    }).pipe(Effect.scoped),
  )
})
