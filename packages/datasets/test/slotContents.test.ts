import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Result, Stream } from "effect"
import { BlockSpace, BlockStore, Datasets, SlotContent, Slots, SpaceExhausted } from "../src/index.ts"
import { bytesOf } from "./bytesOf.ts"
import { over } from "./slotsFixture.ts"
import { temporaryDirectory } from "./temporaryDirectory.ts"

const quotaBytes = 1_048_576n
const files = Layer.unwrap(Effect.map(temporaryDirectory, (directory) => BlockStore.layerFileSystem({ directory })))

/** A dataset of 5 blocks over 2 slots of data and one of parity, which has 3 blocks. */
const laidOut = Effect.gen(function* () {
  const { cid } = yield* (yield* Datasets).upload(Stream.succeed(bytesOf(5 * 65_536 - 1)))
  const { cid: slots, manifest } = yield* (yield* Slots).lay(cid, { data: 2, parity: 1 })
  return { dataset: cid, slots, roots: manifest.slots.map(({ root }) => root) }
})

/** Takes all space but so many bytes. */
const fillBut = (leftBytes: bigint) =>
  Effect.gen(function* () {
    const space = yield* BlockSpace
    const volumes = yield* (yield* BlockStore).volumes
    yield* space.hold("other", quotaBytes - volumes.reduce((sum, { dataBytes }) => sum + dataBytes, 0n) - leftBytes)
  })

/** What stands beside the data. */
const stored = Effect.map(
  Effect.flatMap(BlockStore, (store) => store.volumes),
  (volumes) =>
    volumes.filter(({ volume }) => volume.startsWith("slots-")).map(({ blocks, dataBytes }) => ({ blocks, dataBytes })),
)

for (const [name, layer] of [
  ["in memory", over(BlockStore.layerMemory, quotaBytes)],
  ["on files", over(files, quotaBytes)],
] as const) {
  describe(`the contents of slots ${name}`, () => {
    const test = <A, E>(sentence: string, effect: Effect.Effect<A, E, Datasets | Slots | BlockStore | BlockSpace>) =>
      it.effect(sentence, () => Effect.provide(effect, layer))

    test(
      "are written in the order of the slots, booked beside their parity, and go with it",
      Effect.gen(function* () {
        const slots_ = yield* Slots
        const store = yield* BlockStore
        const { roots, slots } = yield* laidOut
        const [before] = yield* stored
        const cids = yield* slots_.contentsOf(slots)
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
        yield* slots_.drop(slots)
        assert.deepStrictEqual(yield* Effect.forEach(cids, store.has), [false, false, false])
        yield* (yield* BlockSpace).hold("probe", quotaBytes - (5n * 65_536n - 1n))
      }),
    )

    test(
      "can be asked for again: nothing is written twice, though no space is left",
      Effect.gen(function* () {
        const slots_ = yield* Slots
        const { slots } = yield* laidOut
        const cids = yield* slots_.contentsOf(slots)
        const before = yield* stored
        yield* fillBut(0n)
        assert.deepStrictEqual((yield* slots_.contentsOf(slots)).map(String), cids.map(String))
        assert.deepStrictEqual(yield* stored, before)
      }),
    )

    test(
      "leave nothing behind where there is no room for all of them",
      Effect.gen(function* () {
        const slots_ = yield* Slots
        const { slots } = yield* laidOut
        const before = yield* stored
        yield* fillBut(191n)
        const error = yield* Effect.flip(slots_.contentsOf(slots))
        assert.strictEqual(error._tag, "SpaceExhausted")
        assert.strictEqual(error.message, "192 bytes do not fit: 191 bytes of the quota are left.")
        assert.deepStrictEqual(yield* stored, before)
        yield* (yield* BlockSpace).hold("probe", 191n)
        yield* (yield* BlockSpace).giveBack("probe")
        yield* (yield* BlockSpace).giveBack("other")
        yield* fillBut(192n)
        assert.strictEqual((yield* slots_.contentsOf(slots)).length, 3)
      }),
    )

    test(
      "of slots that are equal are one block",
      Effect.gen(function* () {
        const slots_ = yield* Slots
        const { cid } = yield* (yield* Datasets).upload(Stream.succeed(bytesOf(100)))
        const { cid: slots } = yield* slots_.lay(cid, { data: 1, parity: 2 })
        const [one, another, third] = yield* slots_.contentsOf(slots)
        assert.strictEqual(String(one), String(another))
        assert.strictEqual(String(one), String(third))
        assert.strictEqual((yield* stored)[0]?.dataBytes, 65_536n + 64n)
        // and nothing stays held
        yield* (yield* BlockSpace).hold("probe", quotaBytes - 65_536n - 164n)
      }),
    )

    test(
      "are not written for slots that were not laid here",
      Effect.gen(function* () {
        const slots_ = yield* Slots
        const store = yield* BlockStore
        const { slots } = yield* laidOut
        const bytes = yield* store.get(slots)
        yield* slots_.drop(slots)
        assert.strictEqual((yield* Effect.flip(slots_.contentsOf(slots)))._tag, "BlockNotFound")
        yield* store.put("0x01", { cid: slots, bytes })
        const error = yield* Effect.flip(slots_.contentsOf(slots))
        assert.strictEqual(error._tag, "BlockNotFound")
        assert.include(error.message, slots.toString())
        assert.deepStrictEqual(yield* stored, [])
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
      const slots_ = yield* Slots
      const { slots } = yield* laidOut
      const [before] = yield* stored
      const error = yield* Effect.flip(slots_.contentsOf(slots))
      assert.strictEqual(error.message, "The disk is full.")
      const space = yield* BlockSpace
      const [half] = yield* stored
      yield* space.hold("probe", quotaBytes - (half?.dataBytes ?? 0n) - (5n * 65_536n - 1n))
      yield* space.giveBack("probe")
      written = 100
      yield* slots_.contentsOf(slots)
      assert.strictEqual((yield* stored)[0]?.dataBytes, (before?.dataBytes ?? 0n) + 192n)
    }).pipe(Effect.provide(over(failing, quotaBytes)))
  })
})
