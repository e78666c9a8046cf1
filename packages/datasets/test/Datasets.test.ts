import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Option, Stream } from "effect"
import { type Block, BlockSpace, BlockStore, type Dataset, Datasets, Manifest } from "../src/index.ts"
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
          assert.strictEqual((yield* datasets.blocks(dataset.manifest)).length, Math.ceil(sizeBytes / 65_536))
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
      "a slot manifest written beside a dataset tells the blocks of each slot",
      Effect.gen(function* () {
        const datasets = yield* Datasets
        const dataset = yield* upload(bytesOf(5 * 65_536 - 1))
        const roots = [1, 2, 3].map((n) => new Uint8Array(32).fill(n))
        const cid = yield* datasets.layOut(dataset.cid, 2n * 65_536n, roots)
        const slotManifest = yield* datasets.slotManifest(cid)
        assert.isTrue(slotManifest.manifest.equals(dataset.cid))
        assert.strictEqual(slotManifest.slotSizeBytes, 131_072n)
        assert.deepStrictEqual(
          slotManifest.slotRoots.map((root) => root[0]),
          [1, 2, 3],
        )
        const cids = yield* datasets.blocks(dataset.manifest)
        assert.deepStrictEqual(yield* datasets.slotBlocks(cid, 0n), cids.slice(0, 2).map(Option.some))
        assert.deepStrictEqual(yield* datasets.slotBlocks(cid, 2n), [...cids.slice(4).map(Option.some), Option.none()])
        assert.strictEqual((yield* Effect.flip(datasets.slotBlocks(cid, 3n)))._tag, "InvalidSlotLayout")
        assert.strictEqual((yield* Effect.flip(datasets.slotBlocks(cid, -1n)))._tag, "InvalidSlotLayout")
        yield* datasets.remove(dataset.cid)
        yield* assertEmpty
      }),
    )

    test(
      "a layout that does not fit the dataset, or has no dataset, is refused",
      Effect.gen(function* () {
        const datasets = yield* Datasets
        const dataset = yield* upload(bytesOf(3 * 65_536))
        const root = new Uint8Array(32)
        for (const [slotSizeBytes, roots] of [
          [65_536n, [root, root]],
          [65_535n, [root, root, root, root]],
          [0n, [root]],
          [4n * 65_536n, [root]],
          [3n * 65_536n, []],
          [3n * 65_536n, [new Uint8Array(31)]],
        ] as const) {
          const error = yield* Effect.flip(datasets.layOut(dataset.cid, slotSizeBytes, roots))
          assert.strictEqual(error._tag, "InvalidSlotLayout")
        }
        const unknown = Manifest.encode({ ...dataset.manifest, filename: "other" }).cid
        assert.strictEqual((yield* Effect.flip(datasets.layOut(unknown, 65_536n, [root])))._tag, "BlockNotFound")
      }),
    )

    test(
      "the metadata of a hosted slot is readable, but is no dataset that is complete here",
      Effect.gen(function* () {
        const datasets = yield* Datasets
        const store = yield* BlockStore
        const dataset = yield* upload(bytesOf(100))
        yield* store.put("0x01", Manifest.encode(dataset.manifest))
        yield* store.put("0x01", { cid: dataset.manifest.tree, bytes: yield* store.get(dataset.manifest.tree) })
        yield* datasets.remove(dataset.cid)
        assert.deepStrictEqual(yield* datasets.list, [])
        assert.strictEqual((yield* datasets.blocks(yield* datasets.manifest(dataset.cid))).length, 1)
        assert.strictEqual((yield* Effect.flip(readAll(dataset)))._tag, "BlockNotFound")
        const error = yield* Effect.flip(datasets.layOut(dataset.cid, 65_536n, [new Uint8Array(32)]))
        assert.strictEqual(error._tag, "BlockNotFound")
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
      "asking for a block of data as a manifest is InvalidManifest",
      Effect.gen(function* () {
        const datasets = yield* Datasets
        const dataset = yield* upload(bytesOf(100))
        const [cid] = yield* datasets.blocks(dataset.manifest)
        assert.isDefined(cid)
        assert.strictEqual((yield* Effect.flip(datasets.manifest(cid)))._tag, "InvalidManifest")
        assert.strictEqual((yield* Effect.flip(datasets.slotManifest(dataset.cid)))._tag, "InvalidManifest")
        assert.strictEqual((yield* Effect.flip(datasets.manifest(dataset.manifest.tree)))._tag, "InvalidManifest")
      }),
    )
  })

  describe(`Datasets.import ${name}`, () => {
    /** A dataset's blocks, taken out of a store of their own. */
    const foreign = (sizeBytes: number) =>
      Effect.gen(function* () {
        const datasets = yield* Datasets
        const store = yield* BlockStore
        const dataset = yield* upload(bytesOf(sizeBytes))
        const block = (cid: Dataset["cid"]) => Effect.map(store.get(cid), (bytes): Block => ({ cid, bytes }))
        return {
          dataset,
          manifest: yield* block(dataset.cid),
          list: yield* block(dataset.manifest.tree),
          blocks: yield* Effect.forEach(yield* datasets.blocks(dataset.manifest), block),
        }
      }).pipe(Effect.provide(memory, { local: true }))

    const test = <A, E>(sentence: string, effect: Effect.Effect<A, E, Datasets | BlockStore | BlockSpace>) =>
      it.effect(sentence, () => Effect.provide(effect, layer))

    test(
      "the blocks of a dataset from elsewhere become that dataset",
      Effect.gen(function* () {
        const datasets = yield* Datasets
        for (const sizeBytes of [0, 200_000]) {
          const { dataset, manifest, list, blocks } = yield* foreign(sizeBytes)
          assert.deepStrictEqual(yield* datasets.import(manifest, list, Stream.fromIterable(blocks)), dataset)
          assert.deepStrictEqual(yield* datasets.import(manifest, list, Stream.fromIterable(blocks)), dataset)
          assert.strictEqual(Buffer.compare(yield* readAll(dataset), bytesOf(sizeBytes)), 0)
          yield* datasets.remove(dataset.cid)
        }
        yield* assertEmpty
      }),
    )

    test(
      "missing, surplus and misplaced blocks are refused and leave nothing behind",
      Effect.gen(function* () {
        const datasets = yield* Datasets
        const { manifest, list, blocks } = yield* foreign(200_000)
        const other = yield* foreign(1000)
        for (const stream of [blocks.slice(0, 3), [...blocks, ...blocks.slice(0, 1)], blocks.toReversed()]) {
          const error = yield* Effect.flip(datasets.import(manifest, list, Stream.fromIterable(stream)))
          assert.strictEqual(error._tag, "InvalidManifest")
        }
        const error = yield* Effect.flip(datasets.import(manifest, other.list, Stream.fromIterable(blocks)))
        assert.strictEqual(error._tag, "InvalidManifest")
        yield* assertEmpty
      }),
    )

    test(
      "a manifest that claims another size than its blocks have is refused",
      Effect.gen(function* () {
        const datasets = yield* Datasets
        const { dataset, list, blocks } = yield* foreign(200_000)
        const lie = Manifest.encode({ ...dataset.manifest, sizeBytes: 200_001n })
        const error = yield* Effect.flip(datasets.import(lie, list, Stream.fromIterable(blocks)))
        assert.strictEqual(error._tag, "InvalidManifest")
        yield* assertEmpty
      }),
    )
  })
}
