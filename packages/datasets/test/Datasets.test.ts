import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Stream } from "effect"
import { type Block, BlockSpace, BlockStore, type Cid, type Dataset, Datasets, Manifest } from "../src/index.ts"
import { bytesOf } from "./bytesOf.ts"
import { temporaryDirectory } from "./temporaryDirectory.ts"

const MiB = 1_048_576
const quotaBytes = BigInt(8 * MiB)

const memory = Datasets.layer.pipe(
  Layer.provideMerge(BlockStore.layerMemory),
  Layer.provideMerge(BlockSpace.layerMemory({ quotaBytes })),
)

const files = Datasets.layer.pipe(
  Layer.provideMerge(
    Layer.unwrap(Effect.map(temporaryDirectory, (directory) => BlockStore.layerFileSystem({ directory }))),
  ),
  Layer.provideMerge(BlockSpace.layerMemory({ quotaBytes })),
)

const upload = Effect.fnUntraced(function* (bytes: Uint8Array, about = {}) {
  return yield* (yield* Datasets).upload(Stream.succeed(bytes), about)
})

const readAll = Effect.fnUntraced(function* (dataset: Dataset) {
  const chunks = yield* Stream.runCollect((yield* Datasets).read(dataset.cid))
  return Buffer.concat(chunks)
})

/** All space is free and nothing is stored. */
const assertEmpty = Effect.gen(function* () {
  assert.deepStrictEqual(yield* (yield* BlockStore).volumes, [])
  const space = yield* BlockSpace
  yield* space.hold("probe", quotaBytes)
  yield* space.giveBack("probe")
})

for (const [name, layer] of [
  ["in memory", memory],
  ["on files", files],
] as const) {
  describe(`Datasets ${name}`, () => {
    const test = <A, E>(sentence: string, effect: Effect.Effect<A, E, Datasets | BlockStore | BlockSpace>) =>
      it.effect(sentence, () => Effect.provide(effect, layer))

    for (const sizeBytes of [0, 1, 65_535, 65_536, 65_537, 3 * MiB + 5]) {
      test(
        `${sizeBytes} bytes come back as they went in, and go when they are removed`,
        Effect.gen(function* () {
          const datasets = yield* Datasets
          const bytes = bytesOf(sizeBytes)
          const dataset = yield* upload(bytes, { filename: "a b.txt", mimetype: "text/plain" })
          assert.strictEqual(Buffer.compare(yield* readAll(dataset), bytes), 0)
          assert.deepStrictEqual(yield* datasets.list, [dataset])
          assert.deepStrictEqual(yield* datasets.manifest(dataset.cid), dataset.manifest)
          assert.strictEqual(dataset.manifest.sizeBytes, BigInt(sizeBytes))
          assert.strictEqual(dataset.manifest.filename, "a b.txt")
          const blocks = yield* Stream.runCollect(datasets.blocks(dataset.manifest))
          assert.strictEqual(blocks.length, Math.max(1, Math.ceil(sizeBytes / 65_536)))
          const [volume] = yield* (yield* BlockStore).volumes
          assert.strictEqual(volume?.volume, dataset.cid.toString())
          assert.strictEqual(volume?.dataBytes, BigInt(sizeBytes))
          yield* datasets.remove(dataset.cid)
          yield* datasets.remove(dataset.cid)
          yield* assertEmpty
        }),
      )
    }

    test(
      "an upload takes no more of the quota than its bytes, up to the last one",
      Effect.gen(function* () {
        yield* upload(bytesOf(Number(quotaBytes) - 65_536))
        yield* upload(bytesOf(65_536, 7))
        const error = yield* Effect.flip(upload(bytesOf(1, 9)))
        assert.strictEqual(error._tag, "SpaceExhausted")
        assert.strictEqual((yield* (yield* Datasets).list).length, 2)
      }),
    )

    test(
      "the same bytes uploaded again take their space twice, and not longer than the upload",
      Effect.gen(function* () {
        const bytes = bytesOf(4 * MiB)
        const dataset = yield* upload(bytes)
        assert.deepStrictEqual(yield* upload(bytes), dataset)
        yield* (yield* Datasets).remove(dataset.cid)
        assert.deepStrictEqual(yield* upload(bytes), dataset)
        yield* (yield* BlockSpace).hold("probe", BigInt(4 * MiB))
        const error = yield* Effect.flip(upload(bytes))
        assert.strictEqual(error._tag, "SpaceExhausted")
        yield* (yield* BlockSpace).giveBack("probe")
        yield* (yield* BlockSpace).hold("probe", BigInt(4 * MiB))
      }),
    )

    test(
      "nothing remains of an upload that does not fit",
      Effect.gen(function* () {
        const error = yield* Effect.flip(upload(bytesOf(Number(quotaBytes) + 1)))
        assert.strictEqual(error._tag, "SpaceExhausted")
        yield* assertEmpty
      }),
    )

    test(
      "nothing remains of an upload whose bytes end with an error",
      Effect.gen(function* () {
        const datasets = yield* Datasets
        const broken = Stream.concat(Stream.succeed(bytesOf(2 * MiB)), Stream.fail("hung up" as const))
        assert.strictEqual(yield* Effect.flip(datasets.upload(broken)), "hung up")
        yield* assertEmpty
      }),
    )

    test(
      "nothing remains of an upload that is interrupted",
      Effect.gen(function* () {
        const datasets = yield* Datasets
        const store = yield* BlockStore
        const isUnderWay = yield* Deferred.make<void>()
        const waiting = Stream.succeed(bytesOf(2 * MiB)).pipe(
          Stream.concat(Stream.fromEffect(Effect.andThen(Deferred.succeed(isUnderWay, undefined), Effect.never))),
        )
        const fiber = yield* Effect.forkChild(datasets.upload(waiting))
        yield* Deferred.await(isUnderWay)
        assert.strictEqual((yield* store.volumes).length, 1)
        assert.deepStrictEqual(yield* datasets.list, [])
        yield* Fiber.interrupt(fiber)
        yield* assertEmpty
      }),
    )

    test(
      "the same bytes uploaded again, even at the same time, are the same dataset",
      Effect.gen(function* () {
        const datasets = yield* Datasets
        const bytes = bytesOf(MiB + 1)
        const all = yield* Effect.all([upload(bytes), upload(bytes), upload(bytes)], { concurrency: "unbounded" })
        assert.strictEqual(new Set(all.map(({ cid }) => cid.toString())).size, 1)
        assert.strictEqual((yield* datasets.list).length, 1)
        assert.deepStrictEqual(
          (yield* (yield* BlockStore).volumes).map(({ dataBytes }) => dataBytes),
          [BigInt(MiB + 1)],
        )
        yield* datasets.remove(all[0].cid)
        yield* assertEmpty
      }),
    )

    test(
      "the metadata of a hosted slot is readable, but is no dataset that is complete here",
      Effect.gen(function* () {
        const datasets = yield* Datasets
        const store = yield* BlockStore
        const dataset = yield* upload(bytesOf(65_537))
        const { content } = dataset.manifest
        yield* store.put("0x01", Manifest.encode(dataset.manifest))
        yield* store.put("0x01", { cid: content, bytes: yield* store.get(content) })
        yield* datasets.remove(dataset.cid)
        assert.deepStrictEqual(yield* datasets.list, [])
        const blocks = yield* Stream.runCollect(datasets.blocks(yield* datasets.manifest(dataset.cid)))
        assert.strictEqual(blocks.length, 2)
        assert.strictEqual((yield* Effect.flip(readAll(dataset)))._tag, "BlockNotFound")
      }),
    )

    test(
      "labels that a manifest cannot carry are refused before a byte is read",
      Effect.gen(function* () {
        for (const about of [
          { filename: "a\nb" },
          { filename: "" },
          { filename: "a".repeat(2000) },
          { mimetype: "é" },
        ]) {
          const datasets = yield* Datasets
          const error = yield* Effect.flip(datasets.upload(Stream.die("was read"), about))
          assert.strictEqual(error._tag, "InvalidLabel")
        }
      }),
    )

    test(
      "asking for a block of data or a node as a manifest is InvalidManifest",
      Effect.gen(function* () {
        const datasets = yield* Datasets
        const dataset = yield* upload(bytesOf(100))
        for (const { manifest } of [dataset, yield* upload(bytesOf(65_537))])
          assert.strictEqual((yield* Effect.flip(datasets.manifest(manifest.content)))._tag, "InvalidManifest")
      }),
    )
  })

  describe(`Datasets.import ${name}`, () => {
    /** A dataset, and a source of the blocks of a store of its own. */
    const foreign = (sizeBytes: number) =>
      Effect.gen(function* () {
        const store = yield* BlockStore
        const dataset = yield* upload(bytesOf(sizeBytes))
        const blocks = yield* Stream.runCollect((yield* Datasets).blocks(dataset.manifest))
        const block = (cid: Cid) => Effect.map(store.get(cid), (bytes): Block => ({ cid, bytes }))
        return { dataset, blocks, block }
      }).pipe(Effect.provide(memory, { local: true }))

    const test = <A, E>(sentence: string, effect: Effect.Effect<A, E, Datasets | BlockStore | BlockSpace>) =>
      it.effect(sentence, () => Effect.provide(effect, layer))

    const fetch =
      <E>(block: (cid: Cid) => Effect.Effect<Block, E>) =>
      (cids: ReadonlyArray<Cid>) =>
        Stream.mapEffect(Stream.fromIterable(cids), block)

    test(
      "the blocks of a dataset from elsewhere become that dataset",
      Effect.gen(function* () {
        const datasets = yield* Datasets
        for (const sizeBytes of [0, 1, 65_537, 60 * 65_536 + 5]) {
          const { block, dataset } = yield* foreign(sizeBytes)
          assert.deepStrictEqual(yield* datasets.import(dataset.cid, fetch(block)), dataset)
          assert.deepStrictEqual(yield* datasets.import(dataset.cid, fetch(block)), dataset)
          assert.strictEqual(Buffer.compare(yield* readAll(dataset), bytesOf(sizeBytes)), 0)
          yield* datasets.remove(dataset.cid)
        }
        yield* assertEmpty
      }),
    )

    test(
      "a block that cannot be had is the source's error and leaves nothing behind",
      Effect.gen(function* () {
        const datasets = yield* Datasets
        const { block, blocks, dataset } = yield* foreign(200_000)
        for (const lost of [dataset.cid, dataset.manifest.content, blocks[3]]) {
          const source = Effect.fnUntraced(function* (cid: Cid) {
            return cid.equals(lost ?? dataset.cid) ? yield* Effect.fail("gone" as const) : yield* block(cid)
          })
          assert.strictEqual(yield* Effect.flip(datasets.import(dataset.cid, fetch(source))), "gone")
          yield* assertEmpty
        }
      }),
    )

    test(
      "an import that is interrupted or does not fit leaves nothing behind",
      Effect.gen(function* () {
        const datasets = yield* Datasets
        const { block, blocks, dataset } = yield* foreign(200_000)
        const isUnderWay = yield* Deferred.make<void>()
        const waiting = (cid: Cid) =>
          cid.equals(blocks[2] ?? cid)
            ? Effect.andThen(Deferred.succeed(isUnderWay, undefined), Effect.never)
            : block(cid)
        const fiber = yield* Effect.forkChild(datasets.import(dataset.cid, fetch(waiting)))
        yield* Deferred.await(isUnderWay)
        yield* Fiber.interrupt(fiber)
        yield* assertEmpty
        const space = yield* BlockSpace
        yield* space.hold("other", quotaBytes - 199_999n)
        const error = yield* Effect.flip(datasets.import(dataset.cid, fetch(block)))
        assert.strictEqual(error._tag, "SpaceExhausted")
        assert.deepStrictEqual(yield* (yield* BlockStore).volumes, [])
        yield* space.giveBack("other")
        yield* assertEmpty
      }),
    )

    test(
      "a manifest that claims what its tree has not is refused",
      Effect.gen(function* () {
        const datasets = yield* Datasets
        const { block, blocks, dataset } = yield* foreign(200_000)
        const { manifest } = dataset
        const [first, second, , last] = blocks
        assert.isDefined(first)
        assert.isDefined(second)
        assert.isDefined(last)
        for (const lie of [
          { ...manifest, sizeBytes: 200_001n },
          { ...manifest, sizeBytes: 199_999n },
          { ...manifest, sizeBytes: 0n },
          { ...manifest, sizeBytes: 2n ** 42n },
          { ...manifest, content: first },
          { ...manifest, content: last, sizeBytes: 65_536n },
          { ...manifest, content: first, sizeBytes: 1n },
          { ...manifest, content: first, sizeBytes: 2n ** 30n },
        ]) {
          const encoded = Manifest.encode(lie)
          const source = (cid: Cid) => (cid.equals(encoded.cid) ? Effect.succeed(encoded) : block(cid))
          assert.strictEqual((yield* Effect.flip(datasets.import(encoded.cid, fetch(source))))._tag, "InvalidManifest")
        }
        yield* assertEmpty
      }),
    )
  })
}
