import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Result } from "effect"
import { BlockSpace, BlockStore } from "../src/index.ts"
import { BlockStoreTest } from "../src/testing/index.ts"

const { dataBlock } = BlockStoreTest

const blocks = Array.from({ length: 32 }, (_, i) => dataBlock(i))

/** A store whose ledger tells each booking. */
const bed = Effect.gen(function* () {
  const booked: Array<readonly [string, bigint]> = []
  const space = Context.get(yield* Layer.build(BlockSpace.layerMemory({ quotaBytes: 100_000n })), BlockSpace)
  const counting = BlockSpace.of({
    ...space,
    write: (volume, bytes) =>
      Effect.tap(space.write(volume, bytes), () => Effect.sync(() => booked.push([volume, bytes]))),
  })
  const layer = BlockStore.layerMemory.pipe(Layer.provide(Layer.succeed(BlockSpace, counting)))
  return { booked, space, store: Context.get(yield* Layer.build(layer), BlockStore) }
})

const putAll = (store: BlockStore["Service"], volume: string) =>
  Effect.forEach(blocks, (block) => Effect.result(store.put(volume, block)), { concurrency: "unbounded" })

describe("Blocks that are stored side by side", () => {
  it.effect("are booked in few steps, each in its own volume", () =>
    Effect.gen(function* () {
      const { booked, space, store } = yield* bed
      yield* space.hold("a", 32_000n)
      yield* space.hold("b", 32_000n)
      yield* Effect.all([putAll(store, "a"), putAll(store, "b")], { concurrency: "unbounded" })
      for (const volume of ["a", "b"]) {
        const ofVolume = booked.filter(([name]) => name === volume)
        assert.strictEqual(
          ofVolume.reduce((sum, [, bytes]) => sum + bytes, 0n),
          32_000n,
        )
        assert.isBelow(ofVolume.length, 16)
      }
    }),
  )

  it.effect("and for which not enough is held, are stored as far as it goes, and no others suffer", () =>
    Effect.gen(function* () {
      const { space, store } = yield* bed
      yield* space.hold("a", 20_500n)
      yield* space.hold("b", 32_000n)
      const [ofA, ofB] = yield* Effect.all([putAll(store, "a"), putAll(store, "b")], { concurrency: "unbounded" })
      assert.lengthOf(ofA.filter(Result.isSuccess), 20)
      for (const result of ofA) if (Result.isFailure(result)) assert.strictEqual(result.failure._tag, "SpaceExhausted")
      assert.lengthOf(ofB.filter(Result.isSuccess), 32)
      assert.deepStrictEqual(
        (yield* store.volumes).map(({ volume, blocks }) => [volume, blocks]),
        [
          ["a", 20],
          ["b", 32],
        ],
      )
    }),
  )

  it.effect("do not wait for ever for one whose fiber is interrupted", () =>
    Effect.gen(function* () {
      const { space, store } = yield* bed
      yield* space.hold("a", 32_000n)
      const [first, ...others] = blocks
      if (first === undefined) return assert.fail()
      const racing = Effect.raceFirst(store.put("a", first), Effect.yieldNow)
      yield* Effect.all([racing, ...others.map((block) => store.put("a", block))], { concurrency: "unbounded" })
      assert.isAtLeast((yield* store.volumes)[0]?.blocks ?? 0, 31)
    }),
  )
})
