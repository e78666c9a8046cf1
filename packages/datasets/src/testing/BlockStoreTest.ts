import { assert, describe, it } from "@effect/vitest"
import { Effect, type Layer, Result, Schema, Stream } from "effect"
import { Block } from "../Block.ts"
import { BlockSpace } from "../BlockSpace.ts"
import { BlockStore } from "../BlockStore.ts"

/** The quota that the ledger under test has to have: bytes of data. */
export const quotaBytes = 1_048_576n

/** A block of data of which no two with different seeds are equal. */
export const dataBlock = (seed: number, sizeBytes = 1000): Block =>
  Result.getOrThrow(Block.data(Uint8Array.from({ length: sizeBytes }, (_, i) => (seed * 31 + (i % 251)) % 256)))

const metadataBlock = (seed: number): Block => Result.getOrThrow(Block.metadata(Uint8Array.of(0x18, 24 + seed)))

/** How much of the quota is neither held nor written: the most that can be held. */
const freeBytes = Effect.gen(function* () {
  const space = yield* BlockSpace
  let [fits, tooMany] = [0n, quotaBytes + 1n]
  while (tooMany - fits > 1n) {
    const middle = (fits + tooMany) / 2n
    const held = yield* Effect.result(space.hold("probe", middle))
    yield* space.giveBack("probe")
    if (Result.isSuccess(held)) fits = middle
    else tooMany = middle
  }
  return fits
})

/** Holds the bytes of blocks, then stores them. */
const putAll = Effect.fnUntraced(function* (volume: string, blocks: ReadonlyArray<Block>) {
  const space = yield* BlockSpace
  const store = yield* BlockStore
  for (const block of blocks) {
    yield* space.hold(volume, BigInt(block.bytes.length))
    yield* store.put(volume, block)
  }
})

const Step = Schema.TaggedUnion({
  Put: { volume: Schema.Literals(["a", "b", "c"]), seed: Schema.Literals([1, 2, 3, 4]) },
  Drop: { volume: Schema.Literals(["a", "b", "c"]) },
  Rename: { from: Schema.Literals(["a", "b", "c"]), to: Schema.Literals(["a", "b", "c"]) },
})

/** What every BlockStore does. `layer` is built anew for each test; its ledger has a quota of `quotaBytes`. */
export const suite = <E>(name: string, layer: Layer.Layer<BlockStore | BlockSpace, E>) =>
  describe(name, () => {
    const test = <A, E2>(sentence: string, effect: Effect.Effect<A, E2, BlockStore | BlockSpace>) =>
      it.effect(sentence, () => Effect.provide(effect, layer))

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

    test(
      "a volume is kept until it is let go of; then it is served until it is evicted, and can be kept again",
      Effect.gen(function* () {
        const store = yield* BlockStore
        yield* Effect.forEach(["a", "b", "c"], (volume, i) => putAll(volume, [dataBlock(i)]))
        assert.strictEqual(yield* store.evict(quotaBytes), 0n)
        yield* Effect.forEach(["a", "b", "not there"], store.cache)
        yield* Effect.forEach(["a", "not there"], store.keep)
        assert.deepStrictEqual(
          (yield* store.volumes).map(({ volume, isCached }) => [volume, isCached]),
          [
            ["a", false],
            ["b", true],
            ["c", false],
          ],
        )
        assert.strictEqual((yield* store.get(dataBlock(1).cid)).length, 1000)
        assert.strictEqual(yield* store.evict(quotaBytes), 1000n)
        assert.isFalse(yield* store.has(dataBlock(1).cid))
        assert.strictEqual(yield* freeBytes, quotaBytes - 2000n)
        assert.deepStrictEqual(yield* (yield* BlockSpace).cached, [])
      }),
    )

    test(
      "no more is evicted than is asked for, and first what was not read for longest",
      Effect.gen(function* () {
        const store = yield* BlockStore
        const names = ["a", "b", "c", "d", "e"]
        yield* Effect.forEach(names, (volume, i) => putAll(volume, [dataBlock(i)]))
        yield* Effect.forEach(names, store.cache)
        yield* store.get(dataBlock(0).cid)
        yield* store.check("b", dataBlock(1).cid)
        assert.strictEqual(yield* store.evict(0n), 0n)
        assert.strictEqual(yield* store.evict(1000n), 1000n)
        assert.isFalse(yield* store.has(dataBlock(1).cid), "a check is no use")
        assert.strictEqual(yield* store.evict(1001n), 2000n)
        assert.deepStrictEqual(
          (yield* store.volumes).map(({ volume }) => volume),
          ["a", "e"],
        )
      }),
    )

    test(
      "evicted by several at once, each volume gives its bytes back once",
      Effect.gen(function* () {
        const store = yield* BlockStore
        const names = Array.from({ length: 20 }, (_, i) => `volume ${i}`)
        yield* Effect.forEach(names, (volume, i) => putAll(volume, [dataBlock(i)]))
        yield* Effect.forEach(names, store.cache)
        const given = yield* Effect.forEach(names, () => store.evict(1000n), { concurrency: "unbounded" })
        const evicted = given.reduce((sum, bytes) => sum + bytes, 0n)
        assert.strictEqual(yield* freeBytes, quotaBytes - (20_000n - evicted))
        assert.strictEqual((yield* store.volumes).length, 20 - Number(evicted / 1000n))
      }),
    )

    test(
      "a volume that may go may go under another name; a kept one that takes its name is kept",
      Effect.gen(function* () {
        const store = yield* BlockStore
        yield* putAll("a", [dataBlock(1)])
        yield* putAll("b", [dataBlock(2)])
        yield* store.cache("a")
        yield* store.rename("a", "c")
        assert.deepStrictEqual(yield* (yield* BlockSpace).cached, ["c"])
        yield* store.rename("b", "c")
        assert.strictEqual(yield* store.evict(quotaBytes), 0n)
        assert.isTrue(yield* store.has(dataBlock(2).cid))
      }),
    )

    test(
      "a quota taken to the last byte: what was reserved takes its blocks, and caches make room for the others",
      Effect.gen(function* () {
        const store = yield* BlockStore
        const space = yield* BlockSpace
        yield* space.hold("slot", 10_000n)
        yield* putAll("kept", [dataBlock(100)])
        for (let i = 0; i < 5; i++) {
          yield* putAll(`cache ${i}`, [dataBlock(i)])
          yield* store.cache(`cache ${i}`)
        }
        yield* space.hold("rest", yield* freeBytes)
        yield* store.put("slot", dataBlock(10))
        assert.strictEqual((yield* Effect.flip(space.hold("other", 1500n)))._tag, "SpaceExhausted")
        assert.strictEqual(yield* store.evict(1500n), 2000n)
        yield* space.hold("other", 1500n)
        yield* Effect.forEach([11, 12, 13, 14, 15, 16, 17, 18, 19], (seed) => store.put("slot", dataBlock(seed)), {
          concurrency: "unbounded",
        })
        assert.strictEqual(yield* store.evict(quotaBytes), 3000n)
        const names = (yield* store.volumes).map(({ volume, blocks }) => [volume, blocks] as const)
        assert.sameDeepMembers(names, [
          ["slot", 10],
          ["kept", 1],
        ])
      }),
    )

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
