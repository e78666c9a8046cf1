import { assert, describe, it } from "@effect/vitest"
import { Effect, type Layer, Result, Schema, Stream } from "effect"
import { BlockSpace } from "../BlockSpace.ts"
import { BlockStore } from "../BlockStore.ts"
import { caching } from "./internal/caching.ts"
import { dataBlock, freeBytes, metadataBlock, putAll, quotaBytes, type Test } from "./internal/fixtures.ts"

export { dataBlock, quotaBytes } from "./internal/fixtures.ts"

const Step = Schema.TaggedUnion({
  Put: { volume: Schema.Literals(["a", "b", "c"]), seed: Schema.Literals([1, 2, 3, 4]) },
  Drop: { volume: Schema.Literals(["a", "b", "c"]) },
  Rename: { from: Schema.Literals(["a", "b", "c"]), to: Schema.Literals(["a", "b", "c"]) },
})

/** What every BlockStore does. `layer` is built anew for each test; its ledger has a quota of `quotaBytes`. */
export const suite = <E>(name: string, layer: Layer.Layer<BlockStore | BlockSpace, E>) =>
  describe(name, () => {
    const test: Test = (sentence, effect) => it.effect(sentence, () => Effect.provide(effect, layer))

    test(
      "a stored block is answered with its bytes",
      Effect.gen(function* () {
        const store = yield* BlockStore
        const blocks = [dataBlock(1), dataBlock(2, 65_536), dataBlock(3, 0)]
        yield* putAll("a", blocks)
        for (const block of blocks) {
          assert.deepStrictEqual(Uint8Array.from(yield* store.get(block.cid)), block.bytes)
          assert.isTrue(yield* store.has(block.cid))
        }
      }),
    )

    test(
      "a block that is not stored is BlockNotFound",
      Effect.gen(function* () {
        const store = yield* BlockStore
        assert.strictEqual((yield* Effect.flip(store.get(dataBlock(1).cid)))._tag, "BlockNotFound")
        assert.isFalse(yield* store.has(dataBlock(1).cid))
      }),
    )

    test(
      "a block for which no bytes are held is refused and leaves nothing behind",
      Effect.gen(function* () {
        const store = yield* BlockStore
        const error = yield* Effect.flip(store.put("a", dataBlock(1)))
        assert.strictEqual(error._tag, "SpaceExhausted")
        assert.isFalse(yield* store.has(dataBlock(1).cid))
        assert.deepStrictEqual(yield* store.volumes, [])
        assert.strictEqual(yield* freeBytes, quotaBytes)
      }),
    )

    test(
      "a block is booked once, however often and however simultaneously it is stored in a volume",
      Effect.gen(function* () {
        const store = yield* BlockStore
        const space = yield* BlockSpace
        yield* space.hold("a", 3000n)
        yield* Effect.forEach(Array.from({ length: 40 }), () => store.put("a", dataBlock(1)), {
          concurrency: "unbounded",
        })
        yield* store.put("a", dataBlock(2))
        yield* space.trim("a")
        assert.strictEqual(yield* freeBytes, quotaBytes - 2000n)
        assert.deepStrictEqual(yield* store.volumes, [
          { volume: "a", blocks: 2, dataBytes: 2000n, metadataBytes: 0n, isCached: false },
        ])
      }),
    )

    test(
      "a block in two volumes is booked twice, and stays until both are dropped",
      Effect.gen(function* () {
        const store = yield* BlockStore
        yield* putAll("a", [dataBlock(1)])
        yield* putAll("b", [dataBlock(1)])
        assert.strictEqual(yield* freeBytes, quotaBytes - 2000n)
        yield* store.drop("a")
        assert.strictEqual(yield* freeBytes, quotaBytes - 1000n)
        assert.strictEqual((yield* store.get(dataBlock(1).cid)).length, 1000)
        yield* store.drop("b")
        assert.strictEqual(yield* freeBytes, quotaBytes)
        assert.isFalse(yield* store.has(dataBlock(1).cid))
      }),
    )

    test(
      "metadata needs nothing held and takes none of the quota of data",
      Effect.gen(function* () {
        const store = yield* BlockStore
        yield* store.put("a", metadataBlock(1))
        assert.strictEqual(yield* freeBytes, quotaBytes)
        assert.deepStrictEqual(yield* store.volumes, [
          { volume: "a", blocks: 1, dataBytes: 0n, metadataBytes: 2n, isCached: false },
        ])
      }),
    )

    test(
      "dropping what is not there, or twice, changes nothing",
      Effect.gen(function* () {
        const store = yield* BlockStore
        yield* store.drop("a")
        yield* putAll("a", [dataBlock(1)])
        yield* putAll("b", [dataBlock(2)])
        yield* store.drop("a")
        yield* store.drop("a")
        assert.deepStrictEqual(
          (yield* store.volumes).map(({ volume }) => volume),
          ["b"],
        )
        assert.strictEqual(yield* freeBytes, quotaBytes - 1000n)
      }),
    )

    test(
      "dropping gives back what was held as well",
      Effect.gen(function* () {
        const store = yield* BlockStore
        const space = yield* BlockSpace
        yield* space.hold("a", 5000n)
        yield* store.put("a", dataBlock(1))
        yield* store.drop("a")
        assert.strictEqual(yield* freeBytes, quotaBytes)
      }),
    )

    test(
      "a renamed volume keeps its blocks and bytes, and replaces the one that had the name",
      Effect.gen(function* () {
        const store = yield* BlockStore
        yield* putAll("a", [dataBlock(1), dataBlock(2)])
        yield* putAll("b", [dataBlock(3)])
        yield* store.rename("a", "b")
        assert.deepStrictEqual(yield* store.volumes, [
          { volume: "b", blocks: 2, dataBytes: 2000n, metadataBytes: 0n, isCached: false },
        ])
        assert.isFalse(yield* store.has(dataBlock(3).cid))
        assert.strictEqual(yield* freeBytes, quotaBytes - 2000n)
        yield* store.rename("b", "b")
        assert.isTrue(yield* store.has(dataBlock(2).cid))
        yield* store.drop("b")
        assert.strictEqual(yield* freeBytes, quotaBytes)
      }),
    )

    test(
      "renaming a volume that is not there is an error and leaves the other one alone",
      Effect.gen(function* () {
        const store = yield* BlockStore
        yield* putAll("b", [dataBlock(1)])
        assert.strictEqual((yield* Effect.flip(store.rename("a", "b")))._tag, "BlockStoreError")
        assert.isTrue(yield* store.has(dataBlock(1).cid))
      }),
    )

    test(
      "any text is the name of a volume of its own",
      Effect.gen(function* () {
        const store = yield* BlockStore
        const names = ["", ".", "..", "../a", "a/../b", "a", "A", "%", "%61", "é", ".tmp", "a\0b", "0xab"]
        yield* Effect.forEach(names, (volume, i) => putAll(volume, [dataBlock(i)]))
        assert.sameMembers(
          (yield* store.volumes).map(({ volume }) => volume),
          names,
        )
        yield* Effect.forEach(names.slice(1), store.drop)
        assert.isTrue(yield* store.has(dataBlock(0).cid))
      }),
    )

    test(
      "what a caller does to its bytes afterwards does not reach the store",
      Effect.gen(function* () {
        const store = yield* BlockStore
        const { cid, bytes } = dataBlock(1)
        const mine = bytes.slice()
        yield* putAll("a", [{ cid, bytes: mine }])
        mine.fill(0)
        const answer = yield* store.get(cid)
        answer.fill(0)
        assert.deepStrictEqual(Uint8Array.from(yield* store.get(cid)), bytes)
      }),
    )

    test(
      "whatever is stored, dropped and renamed at the same time, the ledger counts what the store has",
      Effect.gen(function* () {
        const store = yield* BlockStore
        const space = yield* BlockSpace
        yield* Effect.forEach(
          Array.from({ length: 300 }, (_, i) => i),
          (i) =>
            Effect.ignore(
              i % 10 === 9 ? store.drop("a") : i % 10 === 4 ? store.rename("a", "b") : putAll("a", [dataBlock(i % 7)]),
            ),
          { concurrency: "unbounded" },
        )
        yield* Effect.forEach(["a", "b"], space.trim)
        const volumes = yield* store.volumes
        const bytes = volumes.reduce((sum, { dataBytes }) => sum + dataBytes, 0n)
        assert.strictEqual(yield* freeBytes, quotaBytes - bytes)
        const found = yield* Effect.forEach([0, 1, 2, 3, 4, 5, 6], (seed) =>
          Effect.result(store.get(dataBlock(seed).cid)),
        )
        const isHere = yield* Effect.forEach([0, 1, 2, 3, 4, 5, 6], (seed) => store.has(dataBlock(seed).cid))
        assert.deepStrictEqual(found.map(Result.isSuccess), isHere)
      }),
    )

    caching(test)

    test(
      "the blocks of a volume are listed with their sizes, and all are intact",
      Effect.gen(function* () {
        const store = yield* BlockStore
        yield* putAll("a", [dataBlock(1), dataBlock(2, 7)])
        yield* store.put("a", metadataBlock(3))
        yield* putAll("b", [dataBlock(4)])
        const blocks = yield* Stream.runCollect(store.blocks("a"))
        assert.deepStrictEqual(
          blocks.map(({ cid, sizeBytes }) => [cid.toString(), sizeBytes]),
          [
            [dataBlock(1).cid.toString(), 1000],
            [dataBlock(2, 7).cid.toString(), 7],
            [metadataBlock(3).cid.toString(), 2],
          ],
        )
        for (const { cid } of blocks) assert.isTrue(yield* store.check("a", cid))
        assert.isTrue(yield* store.check("a", dataBlock(4).cid), "it is not there")
        assert.deepStrictEqual(yield* Stream.runCollect(store.blocks("not there")), [])
      }),
    )

    test(
      "a block is there for readers all the while its volume goes from name to name",
      Effect.gen(function* () {
        const store = yield* BlockStore
        yield* putAll("a", [dataBlock(1)])
        const renames = Effect.forEach(
          Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? (["a", "b"] as const) : (["b", "a"] as const))),
          ([from, to]) => store.rename(from, to),
        )
        const reads = Effect.forEach(Array.from({ length: 100 }), () => store.get(dataBlock(1).cid))
        yield* Effect.all([renames, reads, reads, reads], { concurrency: "unbounded" })
      }),
    )

    it.effect.prop(
      "after any steps the store has what a plain map would have, and the ledger counts just that",
      [Schema.Array(Step).check(Schema.isMaxLength(25))],
      ([steps]) =>
        Effect.gen(function* () {
          const store = yield* BlockStore
          const model = new Map<string, Set<number>>()
          for (const step of steps) {
            if (step._tag === "Put") {
              if (!model.get(step.volume)?.has(step.seed)) yield* putAll(step.volume, [dataBlock(step.seed)])
              else yield* store.put(step.volume, dataBlock(step.seed))
              model.set(step.volume, (model.get(step.volume) ?? new Set()).add(step.seed))
            } else if (step._tag === "Drop") {
              yield* store.drop(step.volume)
              model.delete(step.volume)
            } else {
              const volume = model.get(step.from)
              const renamed = yield* Effect.result(store.rename(step.from, step.to))
              assert.strictEqual(Result.isSuccess(renamed), volume !== undefined || step.from === step.to)
              if (volume === undefined) continue
              model.delete(step.from)
              model.set(step.to, volume)
            }
          }
          const count = Array.from(model.values()).reduce((sum, seeds) => sum + seeds.size, 0)
          assert.strictEqual(yield* freeBytes, quotaBytes - BigInt(count) * 1000n)
          assert.sameDeepMembers(
            (yield* store.volumes).map(({ volume, blocks }) => [volume, blocks] as const),
            Array.from(model, ([volume, seeds]) => [volume, seeds.size] as const),
          )
          for (const seed of [1, 2, 3, 4]) {
            const isThere = Array.from(model.values()).some((seeds) => seeds.has(seed))
            assert.strictEqual(yield* store.has(dataBlock(seed).cid), isThere)
          }
        }).pipe(Effect.provide(layer, { local: true })),
      { arbitrary: { runs: 25 } },
    )
  })
