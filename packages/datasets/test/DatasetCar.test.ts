import { assert, describe, it } from "@effect/vitest"
import { CarReader } from "@ipld/car/reader"
import { CarWriter } from "@ipld/car/writer"
import * as DagCbor from "@ipld/dag-cbor"
import * as DagPb from "@ipld/dag-pb"
import { Effect, Result, Stream } from "effect"
import { UnixFS } from "ipfs-unixfs"
import { exporter } from "ipfs-unixfs-exporter"
import { CID } from "multiformats/cid"
import * as Digest from "multiformats/hashes/digest"
import { Block, BlockSource, type Cid, DatasetCar, Manifest } from "../src/index.ts"
import { bytesOf } from "./bytesOf.ts"
import { collect, type Node, node } from "./slotsFixture.ts"

const uploaded = Effect.fnUntraced(function* (bytes: Uint8Array, about = {}) {
  const client = yield* node()
  const dataset = yield* client.datasets.upload(Stream.succeed(bytes), about)
  const source = BlockSource.fromStore(client.store)
  const car = yield* collect(DatasetCar.write(dataset.cid, source))
  return { ...dataset, client, car, source }
})

/** The archive that other tools write. */
const archive = (roots: ReadonlyArray<Cid>, blocks: ReadonlyArray<Block>) =>
  Effect.promise(async () => {
    const { out, writer } = CarWriter.create([...roots])
    const pieces: Array<Uint8Array> = []
    const reading = (async () => {
      for await (const piece of out) pieces.push(piece)
    })()
    for (const block of blocks) await writer.put(block)
    await writer.close()
    await reading
    return Buffer.concat(pieces)
  })

const blocksIn = (car: Uint8Array) =>
  Effect.promise(async () => {
    const reader = await CarReader.fromBytes(car)
    const blocks: Array<Block> = []
    for await (const block of reader.blocks()) blocks.push(block)
    return { roots: await reader.getRoots(), blocks, reader }
  })

/** In pieces of this many bytes. */
const cut = (bytes: Uint8Array, size: number) =>
  Stream.fromIterable(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size)),
  )

const imported = ({ datasets }: Node, car: Uint8Array, pieceBytes = 100_000) => datasets.importCar(cut(car, pieceBytes))

const assertEmpty = Effect.fnUntraced(function* ({ space, store }: Node) {
  assert.deepStrictEqual(yield* store.volumes, [])
  yield* space.hold("probe", 2n ** 30n)
  yield* space.giveBack("probe")
})

describe("a dataset as a CAR archive", () => {
  for (const sizeBytes of [0, 1, 65_536, 65_537, 65_536 * 1024, 65_536 * 1026 + 5])
    it.effect(`of ${sizeBytes} bytes is read by tools for IPFS, byte for byte`, () =>
      Effect.gen(function* () {
        const bytes = bytesOf(sizeBytes)
        const { car, cid, manifest } = yield* uploaded(bytes)
        const { blocks, reader, roots } = yield* blocksIn(car)
        assert.deepStrictEqual(roots.map(String), [String(manifest.content), String(cid)])
        for (const block of blocks)
          assert.isTrue(Result.isSuccess(Block.verify(CID.decode(block.cid.bytes), block.bytes)))
        const read = yield* Effect.promise(async () => {
          const store = {
            async *get(cid: CID) {
              const block = await reader.get(cid)
              if (block === undefined) throw new Error(`${cid} is missing`)
              yield block.bytes
            },
          }
          const entry = await exporter(String(manifest.content), store as never)
          if (entry.type !== "file" && entry.type !== "raw") throw new Error(`it is a ${entry.type}`)
          const pieces: Array<Uint8Array> = []
          for await (const piece of entry.content()) pieces.push(piece)
          return Buffer.concat(pieces)
        })
        assert.strictEqual(Buffer.compare(read, bytes), 0)
      }).pipe(Effect.scoped),
    )

  it.effect("has the manifest first, then the file, nodes before what stands below them", () =>
    Effect.gen(function* () {
      const { blocks, roots } = yield* blocksIn((yield* uploaded(bytesOf(65_536 * 1026))).car)
      const kinds = blocks.map(({ cid }) => ({ 85: ".", 112: "N", 113: "M" })[cid.code])
      assert.strictEqual(kinds.join(""), `MNN${".".repeat(1024)}N..`)
      assert.strictEqual(String(blocks[1]?.cid), String(roots[0]))
    }).pipe(Effect.scoped),
  )

  for (const pieceBytes of [1, 7, 1000, 65_536, 10_000_000])
    it.effect(`is imported from pieces of ${pieceBytes} bytes as the dataset that it was`, () =>
      Effect.gen(function* () {
        const bytes = bytesOf(150_000)
        const { car, cid, manifest } = yield* uploaded(bytes, { filename: "a", mimetype: "text/plain" })
        const host = yield* node()
        assert.deepStrictEqual(yield* imported(host, car, pieceBytes), { cid, manifest })
        assert.deepStrictEqual(yield* imported(host, car, pieceBytes), { cid, manifest })
        assert.strictEqual(Buffer.compare(yield* collect(host.datasets.read(cid)), bytes), 0)
        assert.strictEqual((yield* host.store.volumes).length, 1)
        yield* host.datasets.remove(cid)
        yield* assertEmpty(host)
      }).pipe(Effect.scoped),
    )

  it.effect("is taken in any order, with blocks that are equal once or often", () =>
    Effect.gen(function* () {
      const bytes = new Uint8Array(65_536 * 5)
      const { car, cid, manifest } = yield* uploaded(bytes)
      const { blocks } = yield* blocksIn(car)
      assert.strictEqual(blocks.length, 7)
      const once = Array.from(new Map(blocks.map((block) => [String(block.cid), block])).values())
      for (const order of [once, once.toReversed(), [...blocks, ...blocks]]) {
        const host = yield* node(65_536n)
        const dataset = yield* imported(host, yield* archive([cid], order))
        assert.deepStrictEqual(dataset, { cid, manifest })
        assert.strictEqual(Buffer.compare(yield* collect(host.datasets.read(cid)), bytes), 0)
      }
    }).pipe(Effect.scoped),
  )

  for (const sizeBytes of [0, 5, 65_536 * 3 + 1])
    it.effect(`of a file of ${sizeBytes} bytes alone becomes a dataset without labels`, () =>
      Effect.gen(function* () {
        const bytes = bytesOf(sizeBytes)
        const { car, cid, manifest } = yield* uploaded(bytes)
        const { blocks } = yield* blocksIn(car)
        const host = yield* node()
        const dataset = yield* imported(host, yield* archive([manifest.content], blocks.slice(1)))
        assert.strictEqual(String(dataset.cid), String(cid))
        assert.strictEqual(Buffer.compare(yield* collect(host.datasets.read(cid)), bytes), 0)
      }).pipe(Effect.scoped),
    )
})

/** A dataset's archive, taken apart. */
const parts = Effect.gen(function* () {
  const made = yield* uploaded(bytesOf(65_536 * 3 + 1))
  return { ...made, ...(yield* blocksIn(made.car)) }
})
type Parts = Effect.Success<typeof parts>

const header = (value: unknown) => {
  const bytes = DagCbor.encode(value)
  return Buffer.concat([Uint8Array.of(bytes.length), bytes])
}
const foreign = (code: number) => CID.createV1(code, Digest.create(0x12, new Uint8Array(32)))
const node1 = (blockSizes: ReadonlyArray<bigint>, links: ReadonlyArray<Cid>, type: "file" | "directory" = "file") =>
  Result.getOrThrow(
    Block.node(
      DagPb.encode({
        Data: new UnixFS({ type, blockSizes: [...blockSizes] }).marshal(),
        Links: links.map((Hash) => ({ Name: "", Tsize: 65_536, Hash })),
      }),
    ),
  )
const small = Result.getOrThrow(Block.data(bytesOf(1000)))

describe("an archive that is not one dataset", () => {
  const cases: ReadonlyArray<readonly [string, (parts: Parts) => Effect.Effect<Uint8Array>, string]> = [
    ["is empty", () => Effect.succeed(new Uint8Array()), "cut off"],
    ["is a text", () => Effect.succeed(Buffer.from("This is a text, and not an archive at all.")), "cut off"],
    ["is cut off in its header", ({ car }) => Effect.succeed(car.subarray(0, 20)), "cut off"],
    ["is cut off in a block", ({ car }) => Effect.succeed(car.subarray(0, 100_000)), "cut off"],
    [
      "is cut off before a length ends",
      ({ car }) => Effect.succeed(Buffer.concat([car, Uint8Array.of(0x80)])),
      "cut off",
    ],
    [
      "claims a gigabyte for a block",
      ({ car }) => Effect.succeed(Buffer.concat([car, Uint8Array.of(0x80, 0x80, 0x80, 0x80, 4)])),
      "longer than",
    ],
    [
      "claims two megabytes for a block",
      ({ car }) => Effect.succeed(Buffer.concat([car, Uint8Array.of(0x80, 0x80, 0x80, 1)])),
      "longer than",
    ],
    [
      "claims a gigabyte for its header",
      () => Effect.succeed(Uint8Array.of(0x80, 0x80, 0x80, 0x80, 4, 1, 2, 3)),
      "header",
    ],
    [
      "has a section of no bytes",
      ({ car }) => Effect.succeed(Buffer.concat([car, Uint8Array.of(0)])),
      "cannot be read",
    ],
    [
      "has a block of data of more than 64 KiB",
      ({ blocks, cid }) => archive([cid], [...blocks, { cid: small.cid, bytes: new Uint8Array(65_537) }]),
      "65536 are the limit",
    ],
    [
      "has bytes that are not those of their name",
      ({ blocks, cid }) =>
        archive(
          [cid],
          blocks.map((block, i) => (i === 3 ? { ...block, bytes: bytesOf(65_536, 9) } : block)),
        ),
      "hash to something else",
    ],
    [
      "has a block of another kind",
      ({ blocks, cid }) => archive([cid], [...blocks, { cid: foreign(0x72), bytes: new Uint8Array(5) }]),
      "is not version 1",
    ],
    ["lacks a block of data", ({ blocks, cid }) => archive([cid], blocks.toSpliced(4, 1)), "is missing"],
    ["lacks a node", ({ blocks, cid }) => archive([cid], blocks.toSpliced(1, 1)), "is missing"],
    ["lacks the manifest", ({ blocks, cid }) => archive([cid], blocks.slice(1)), "is missing"],
    ["has a block more", ({ blocks, cid }) => archive([cid], [...blocks, small]), "1 of its blocks do not belong"],
    ["has no roots", ({ blocks }) => archive([], blocks), "no root"],
    [
      "has two files as roots",
      ({ blocks, manifest }) => archive([manifest.content, small.cid], [...blocks, small]),
      "2 roots",
    ],
    [
      "has two manifests as roots",
      ({ blocks, cid, manifest }) => {
        const other = Manifest.encode({ ...manifest, filename: "b" })
        return archive([cid, other.cid], [...blocks, other])
      },
      "2 roots",
    ],
    [
      "has the file of another manifest as root",
      ({ blocks, cid }) => archive([small.cid, cid], [...blocks, small]),
      "is not the file of its manifest",
    ],
    ["has the header of version 2", () => Effect.succeed(header({ version: 2 })), "version 1"],
    ["has a header without roots", () => Effect.succeed(header({ version: 1 })), "version 1"],
    ["has a header that is a list", () => Effect.succeed(header([1])), "version 1"],
    [
      "has a manifest that is something else",
      ({ blocks }) => {
        const other = Result.getOrThrow(Block.metadata(DagCbor.encode({ hello: "world" })))
        return archive([other.cid], [other, ...blocks])
      },
      "manifest",
    ],
    [
      "has a manifest of another size",
      ({ blocks, manifest }) => {
        const lie = Manifest.encode({ ...manifest, sizeBytes: 65_536n * 3n + 2n })
        return archive([lie.cid], [lie, ...blocks.slice(1)])
      },
      "not the node of",
    ],
    [
      "has a manifest of a shorter last block",
      ({ manifest }) => {
        const lie = Manifest.encode({ ...manifest, sizeBytes: 999n, content: small.cid })
        return archive([lie.cid], [lie, small])
      },
      "1000 bytes instead of 999",
    ],
    [
      "is a directory",
      () => {
        const root = node1([], [small.cid], "directory")
        return archive([root.cid], [root, small])
      },
      "not a block of data",
    ],
    [
      "is a file in blocks of another size",
      () => {
        const root = node1([1000n, 1000n], [small.cid, small.cid])
        return archive([root.cid], [root, small])
      },
      "not a block of data",
    ],
    [
      "is a file that claims all bytes that there are",
      () => {
        const root = node1([2n ** 62n], [small.cid])
        return archive([root.cid], [root, small])
      },
      "are the limit",
    ],
    [
      "is a node that is none",
      () => {
        const root = Result.getOrThrow(Block.node(Uint8Array.of(1, 2, 3)))
        return archive([root.cid], [root])
      },
      "not the root of a file",
    ],
  ]
  for (const [what, make, says] of cases)
    it.effect(`for it ${what}, is refused and leaves nothing`, () =>
      Effect.gen(function* () {
        const car = yield* make(yield* parts)
        for (const pieceBytes of [1000, 10_000_000]) {
          const host = yield* node()
          const error = yield* Effect.flip(imported(host, car, pieceBytes))
          assert.include(["InvalidCar", "InvalidManifest"], error._tag)
          assert.include(error.message, says)
          yield* assertEmpty(host)
        }
      }).pipe(Effect.scoped),
    )

  it.effect("or does not fit, leaves nothing", () =>
    Effect.gen(function* () {
      const { car } = yield* parts
      const host = yield* node(65_536n * 3n)
      assert.strictEqual((yield* Effect.flip(imported(host, car)))._tag, "SpaceExhausted")
      assert.deepStrictEqual(yield* host.store.volumes, [])
      yield* host.space.hold("probe", 65_536n * 3n)
    }).pipe(Effect.scoped),
  )

  it.effect("that never ends is not kept in memory: what is behind a wrong block is not read", () =>
    Effect.gen(function* () {
      const host = yield* node()
      let pulled = 0
      const endless = Stream.forever(
        Stream.sync(() => {
          pulled++
          return new Uint8Array(1_000_000).fill(0xff)
        }),
      )
      const error = yield* Effect.flip(host.datasets.importCar(endless))
      assert.strictEqual(error._tag, "InvalidCar")
      assert.strictEqual(pulled, 1)
    }).pipe(Effect.scoped),
  )
})
