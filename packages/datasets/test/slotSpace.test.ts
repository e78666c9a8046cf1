import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Stream } from "effect"
import { BlockSource, BlockSpace, BlockStore, type Cid, Datasets, Slots } from "../src/index.ts"
import { bytesOf } from "./bytesOf.ts"
import { laidOut, over, sourceOf } from "./slotsFixture.ts"
import { temporaryDirectory } from "./temporaryDirectory.ts"

const quotaBytes = 4_194_304n
const files = Layer.unwrap(Effect.map(temporaryDirectory, (directory) => BlockStore.layerFileSystem({ directory })))

/** The ledger counts just what the store has. */
const assertSettled = Effect.gen(function* () {
  const space = yield* BlockSpace
  const volumes = yield* (yield* BlockStore).volumes
  const dataBytes = volumes.reduce((sum, volume) => sum + volume.dataBytes, 0n)
  yield* space.hold("probe", quotaBytes - dataBytes)
  assert.strictEqual((yield* Effect.flip(space.hold("probe", 1n)))._tag, "SpaceExhausted")
  yield* space.giveBack("probe")
  return volumes.map(({ volume }) => volume)
})

for (const [name, layer] of [
  ["in memory", over(BlockStore.layerMemory, quotaBytes)],
  ["on files", over(files, quotaBytes)],
] as const)
  describe(`the space that slots take ${name}`, () => {
    const test = <A, E>(sentence: string, effect: Effect.Effect<A, E, Datasets | Slots | BlockStore | BlockSpace>) =>
      it.effect(sentence, () => Effect.provide(effect, layer))

    const shape = { data: 2, parity: 2 }

    test(
      "for laying is that of the parity, to the byte; one byte less leaves nothing",
      Effect.gen(function* () {
        const { cid } = yield* (yield* Datasets).upload(Stream.succeed(bytesOf(20 * 65_536)))
        const slots = yield* Slots
        const space = yield* BlockSpace
        yield* space.hold("other", quotaBytes - 40n * 65_536n + 1n)
        assert.strictEqual((yield* Effect.flip(slots.lay(cid, shape)))._tag, "SpaceExhausted")
        yield* space.giveBack("other")
        assert.deepStrictEqual(yield* assertSettled, [String(cid)])
        yield* space.hold("other", quotaBytes - 40n * 65_536n)
        const laid = yield* slots.lay(cid, shape)
        yield* space.giveBack("other")
        assert.sameMembers([...(yield* assertSettled)], [String(cid), `slots-${laid.cid}`])
        yield* slots.drop(laid.cid)
        assert.deepStrictEqual(yield* assertSettled, [String(cid)])
      }),
    )

    test(
      "for laying is given back when a block of the data is lost in the middle",
      Effect.gen(function* () {
        const store = yield* BlockStore
        const datasets = yield* Datasets
        const { cid, manifest } = yield* datasets.upload(Stream.succeed(bytesOf(20 * 65_536)))
        const names = yield* Stream.runCollect(datasets.blocks(manifest))
        // The same dataset, of which the store has all but one block.
        const source = BlockSource.fromStore(store)
        const kept = yield* Stream.runCollect(source([cid, manifest.content, ...names.filter((_, i) => i !== 13)]))
        yield* (yield* BlockSpace).hold("part", 20n * 65_536n)
        for (const block of kept) yield* store.put("part", block)
        yield* (yield* BlockSpace).trim("part")
        yield* datasets.remove(cid)
        const error = yield* Effect.flip((yield* Slots).lay(cid, shape))
        assert.strictEqual(error._tag, "BlockNotFound")
        assert.deepStrictEqual(yield* assertSettled, ["part"])
      }),
    )

    test(
      "for laying is given back when it is interrupted",
      Effect.gen(function* () {
        const datasets = yield* Datasets
        const slots = yield* Slots
        const { cid } = yield* datasets.upload(Stream.succeed(bytesOf(30 * 65_536)))
        const store = yield* BlockStore
        const fiber = yield* Effect.forkChild(slots.lay(cid, { data: 3, parity: 1 }))
        while ((yield* store.volumes).length < 2) yield* Effect.yieldNow
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(yield* assertSettled, [String(cid)])
      }),
    )

    test(
      "for storing one is held before; what does not fit it is refused, and what was interrupted is all in its volume",
      Effect.gen(function* () {
        const { cid, client, manifest } = yield* laidOut(bytesOf(40 * 65_536), shape)
        const slots = yield* Slots
        const space = yield* BlockSpace
        const store = yield* BlockStore
        yield* space.hold("slot", manifest.slotSizeBytes - 1n)
        const error = yield* Effect.flip(slots.store("slot", cid, 2, sourceOf([client.store])))
        assert.strictEqual(error._tag, "SpaceExhausted")
        assert.isFalse(yield* store.has(cid))
        yield* store.drop("slot")
        assert.deepStrictEqual(yield* assertSettled, [])

        yield* space.hold("slot", manifest.slotSizeBytes)
        const isUnderWay = yield* Deferred.make<void>()
        let asked = 0
        const waiting = (cids: ReadonlyArray<Cid>) =>
          Stream.tap(sourceOf([client.store])(cids), () =>
            ++asked > 10 ? Effect.andThen(Deferred.succeed(isUnderWay, undefined), Effect.never) : Effect.void,
          )
        const fiber = yield* Effect.forkChild(slots.store("slot", cid, 2, waiting))
        yield* Deferred.await(isUnderWay)
        yield* Fiber.interrupt(fiber)
        assert.isFalse(yield* store.has(cid))
        // Held as before, minus what was written: the slot can still be completed.
        yield* slots.store("slot", cid, 2, sourceOf([store, client.store]))
        assert.isTrue(yield* store.has(cid))
        yield* space.trim("slot")
        assert.deepStrictEqual(yield* assertSettled, ["slot"])
      }).pipe(Effect.scoped),
    )
  })
