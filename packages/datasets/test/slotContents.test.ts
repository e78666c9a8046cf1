import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Result, Stream } from "effect"
import { BlockSpace, BlockStore, Datasets, SlotContent, SpaceExhausted } from "../src/index.ts"
import { bytesOf } from "./bytesOf.ts"
import { temporaryDirectory } from "./temporaryDirectory.ts"

const quotaBytes = 1_048_576n
const roots = [1, 2, 3].map((n) => new Uint8Array(32).fill(n))

const over = <E>(store: Layer.Layer<BlockStore, E, BlockSpace>) =>
  Datasets.layer.pipe(Layer.provideMerge(store), Layer.provideMerge(BlockSpace.layerMemory({ quotaBytes })))

const files = Layer.unwrap(Effect.map(temporaryDirectory, (directory) => BlockStore.layerFileSystem({ directory })))

/** A dataset of 5 blocks over 3 slots. */
const laidOut = Effect.gen(function* () {
  const datasets = yield* Datasets
  const { cid } = yield* datasets.upload(Stream.succeed(bytesOf(5 * 65_536 - 1)))
  return { dataset: cid, slots: yield* datasets.layOut(cid, 131_072n, roots) }
})

/** Takes all space but so many bytes. */
const fillBut = (leftBytes: bigint) =>
  Effect.gen(function* () {
    const space = yield* BlockSpace
    const [stored] = yield* (yield* BlockStore).volumes
    yield* space.hold("other", quotaBytes - (stored?.dataBytes ?? 0n) - leftBytes)
  })

const stored = Effect.map(
  Effect.flatMap(BlockStore, (store) => store.volumes),
  (volumes) => volumes.map(({ blocks, dataBytes }) => ({ blocks, dataBytes })),
)

for (const [name, layer] of [
  ["in memory", over(BlockStore.layerMemory)],
  ["on files", over(files)],
] as const) {
  describe(`the contents of slots ${name}`, () => {
    const test = <A, E>(sentence: string, effect: Effect.Effect<A, E, Datasets | BlockStore | BlockSpace>) =>
      it.effect(sentence, () => Effect.provide(effect, layer))

    test(
      "are written in the order of the slots, booked beside the dataset, and go with it",
      Effect.gen(function* () {
        const datasets = yield* Datasets
        const store = yield* BlockStore
        const { dataset, slots } = yield* laidOut
        const [before] = yield* stored
        const cids = yield* datasets.contentsOf(slots)
        const contents = yield* Effect.forEach(cids, (cid) =>
          Effect.flatMap(store.get(cid), (bytes) => Effect.fromResult(SlotContent.decode({ cid, bytes }))),
        )
        assert.deepStrictEqual(
          contents.map(({ manifest, slotRoot }) => [manifest.toString(), slotRoot]),
          roots.map((root) => [slots.toString(), root]),
        )
        const [after] = yield* stored
        assert.strictEqual(after?.blocks, (before?.blocks ?? 0) + 3)
        assert.strictEqual(after?.dataBytes, (before?.dataBytes ?? 0n) + 192n)
        yield* datasets.remove(dataset)
        assert.deepStrictEqual(yield* Effect.forEach(cids, store.has), [false, false, false])
        yield* (yield* BlockSpace).hold("probe", quotaBytes)
      }),
    )

    test(
      "can be asked for again: nothing is written twice, though no space is left",
      Effect.gen(function* () {
        const datasets = yield* Datasets
        const { slots } = yield* laidOut
        const cids = yield* datasets.contentsOf(slots)
        const before = yield* stored
        yield* fillBut(0n)
        assert.deepStrictEqual((yield* datasets.contentsOf(slots)).map(String), cids.map(String))
        assert.deepStrictEqual(yield* stored, before)
      }),
    )

    test(
      "leave nothing behind where there is no room for all of them",
      Effect.gen(function* () {
        const datasets = yield* Datasets
        const { slots } = yield* laidOut
        const before = yield* stored
        yield* fillBut(191n)
        const error = yield* Effect.flip(datasets.contentsOf(slots))
        assert.strictEqual(error._tag, "SpaceExhausted")
        assert.strictEqual(error.message, "192 bytes do not fit: 191 bytes of the quota are left.")
        assert.deepStrictEqual(yield* stored, before)
        yield* (yield* BlockSpace).hold("probe", 191n)
        yield* (yield* BlockSpace).giveBack("probe")
        yield* (yield* BlockSpace).giveBack("other")
        yield* fillBut(192n)
        assert.strictEqual((yield* datasets.contentsOf(slots)).length, 3)
      }),
    )

    test(
      "of slots that are equal are one block",
      Effect.gen(function* () {
        const datasets = yield* Datasets
        const { cid } = yield* datasets.upload(Stream.succeed(bytesOf(100)))
        const zeros = new Uint8Array(32)
        const slots = yield* datasets.layOut(cid, 65_536n, [roots[0] ?? zeros, zeros, zeros])
        const [, one, other] = yield* datasets.contentsOf(slots)
        assert.strictEqual(String(one), String(other))
        assert.strictEqual((yield* stored)[0]?.dataBytes, 100n + 128n)
        // and nothing stays held
        yield* (yield* BlockSpace).hold("probe", quotaBytes - 228n)
      }),
    )

    test(
      "are not written for a dataset or a slot manifest that is not here",
      Effect.gen(function* () {
        const datasets = yield* Datasets
        const store = yield* BlockStore
        const { dataset, slots } = yield* laidOut
        const bytes = yield* store.get(slots)
        yield* datasets.remove(dataset)
        assert.strictEqual((yield* Effect.flip(datasets.contentsOf(slots)))._tag, "BlockNotFound")
        yield* store.put("0x01", { cid: slots, bytes })
        const error = yield* Effect.flip(datasets.contentsOf(slots))
        assert.strictEqual(error._tag, "BlockNotFound")
        assert.include(error.message, dataset.toString())
        assert.deepStrictEqual(
          (yield* stored).map(({ blocks }) => blocks),
          [1],
        )
      }),
    )
  })
}

describe("the contents of slots on a disk that fills up", () => {
  it.effect("are completed when asked for again, and hold no space meanwhile", () => {
    let written = 0
    const failing = Layer.effect(
      BlockStore,
      Effect.map(BlockStore, (store) =>
        BlockStore.of({
          ...store,
          put: (volume, block) =>
            Result.isSuccess(SlotContent.decode(block)) && written++ >= 1 && written <= 6
              ? Effect.fail(new SpaceExhausted({ volume, detail: "The disk is full." }))
              : store.put(volume, block),
        }),
      ),
    ).pipe(Layer.provide(BlockStore.layerMemory))
    return Effect.gen(function* () {
      const datasets = yield* Datasets
      const { slots } = yield* laidOut
      const [before] = yield* stored
      const error = yield* Effect.flip(datasets.contentsOf(slots))
      assert.strictEqual(error.message, "The disk is full.")
      const space = yield* BlockSpace
      const [half] = yield* stored
      yield* space.hold("probe", quotaBytes - (half?.dataBytes ?? 0n))
      yield* space.giveBack("probe")
      written = 100
      yield* datasets.contentsOf(slots)
      assert.strictEqual((yield* stored)[0]?.dataBytes, (before?.dataBytes ?? 0n) + 192n)
    }).pipe(Effect.provide(over(failing)))
  })
})
