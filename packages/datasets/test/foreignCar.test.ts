import { assert, describe, it } from "@effect/vitest"
import * as DagCbor from "@ipld/dag-cbor"
import * as DagPb from "@ipld/dag-pb"
import { Effect, Result, Stream } from "effect"
import { UnixFS } from "ipfs-unixfs"
import { CID } from "multiformats/cid"
import * as Digest from "multiformats/hashes/digest"
import { Block, type Cid, Manifest } from "../src/index.ts"
import { bytesOf } from "./bytesOf.ts"
import { archive, assertEmpty, blocksIn, imported, uploaded } from "./carFixture.ts"
import { node } from "./slotsFixture.ts"

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
