import { assert, describe, it } from "@effect/vitest"
import * as DagCbor from "@ipld/dag-cbor"
import { Result } from "effect"
import { CID } from "multiformats/cid"
import * as Digest from "multiformats/hashes/digest"
import { Block, BlockList, blocksMax, type Cid, Manifest, SlotManifest } from "../src/index.ts"

const block = (bytes: Uint8Array) => Result.getOrThrow(Block.metadata(bytes))
const encoded = (value: unknown) => block(DagCbor.encode(value))
const data = (n: number): Cid => Result.getOrThrow(Block.data(Uint8Array.of(n, n >> 8, n >> 16))).cid

const list = BlockList.encode([data(0), data(1)])
const wire = { version: 1, size: 65_537, blockSize: 65_536, tree: list.cid, filename: "a", mimetype: null }
const manifest: Manifest = {
  sizeBytes: 65_537n,
  blockSizeBytes: 65_536,
  tree: list.cid,
  filename: "a",
  mimetype: null,
}
const slotWire = { version: 1, manifest: list.cid, slotSize: 65_536, slotRoots: [new Uint8Array(32)] }

const foreignCid = (code: number, hashCode: number, sizeBytes: number) =>
  CID.createV1(code, Digest.create(hashCode, new Uint8Array(sizeBytes)))

/** Text that begins as given, in the form of the codec: a map of one pair whose key is `__proto__`. */
const prototypeMap = Buffer.concat([Buffer.from("a1695f5f70726f746f5f5f", "hex"), DagCbor.encode(wire)])

describe("Manifest", () => {
  it("decodes to what was encoded", () => {
    assert.deepStrictEqual(Result.getOrThrow(Manifest.decode(Manifest.encode(manifest))), manifest)
    assert.strictEqual(Manifest.encode(manifest).cid.toString(), encoded(wire).cid.toString())
    assert.deepStrictEqual(Result.getOrThrow(BlockList.decode(list, manifest)), [data(0), data(1)])
  })

  for (const [what, value] of [
    ["another version", { ...wire, version: 2 }],
    ["a negative size", { ...wire, size: -1 }],
    ["a size that is not whole", { ...wire, size: 1.5 }],
    ["a size beyond what a list can name", { ...wire, size: blocksMax * 65_536 + 1 }],
    ["a size beyond 2^53", { ...wire, size: 2n ** 63n }],
    ["a size in text", { ...wire, size: "1" }],
    ["another block size", { ...wire, blockSize: 65_535 }],
    ["a block size of 0", { ...wire, blockSize: 0 }],
    ["a tree that is data", { ...wire, tree: data(1) }],
    ["a tree of another codec", { ...wire, tree: foreignCid(0x70, 0x12, 32) }],
    ["a tree of another hash", { ...wire, tree: foreignCid(0x71, 0x13, 64) }],
    ["a tree without a hash", { ...wire, tree: foreignCid(0x71, 0x00, 5) }],
    ["a tree with a short hash", { ...wire, tree: foreignCid(0x71, 0x12, 20) }],
    ["a tree in text", { ...wire, tree: list.cid.toString() }],
    ["a name with control characters", { ...wire, filename: "a\r\nb" }],
    ["a name that is a number", { ...wire, filename: 1 }],
    ["a missing field", { ...wire, mimetype: undefined, filename: undefined }],
    ["a field too many", { ...wire, more: 1 }],
    ["a list", [wire]],
    ["nothing", null],
  ] as const) {
    it(`with ${what} is refused`, () => {
      const value_ = Object.fromEntries(Object.entries(Object(value)).filter(([, field]) => field !== undefined))
      const result = Manifest.decode(encoded(Array.isArray(value) || value === null ? value : value_))
      assert.strictEqual(Result.isFailure(result) && result.failure._tag, "InvalidManifest")
    })
  }

  for (const [what, bytes] of [
    ["no bytes", new Uint8Array(0)],
    ["bytes that are not dag-cbor", Uint8Array.of(0xff, 0x00)],
    ["an end that is missing", DagCbor.encode(wire).slice(0, -1)],
    ["bytes after its end", Uint8Array.from([...DagCbor.encode(wire), 0])],
    ["an array that claims 2^32 entries", Uint8Array.of(0x9a, 0xff, 0xff, 0xff, 0xff)],
    ["a text that claims 2^40 bytes", Uint8Array.of(0x7b, 0, 0, 1, 0, 0, 0, 0, 0)],
    ["a hundred thousand arrays in each other", new Uint8Array(100_000).fill(0x81)],
    ["its fields as a prototype", prototypeMap],
    [
      "an integer longer than need be",
      Buffer.from(DagCbor.encode(wire)).toString("hex").replace("1a00010001", "1b0000000000010001"),
    ],
    ["its fields in another order", `a6${[...Object.entries(wire)].map(([k, v]) => hex(k) + hex(v)).join("")}`],
  ] as const) {
    it(`with ${what} is refused`, () => {
      const result = Manifest.decode(block(typeof bytes === "string" ? Buffer.from(bytes, "hex") : bytes))
      assert.strictEqual(Result.isFailure(result) && result.failure._tag, "InvalidManifest")
    })
  }

  it("under the CID of a data block is refused", () => {
    assert.isTrue(Result.isFailure(Manifest.decode(Result.getOrThrow(Block.data(DagCbor.encode(wire))))))
  })

  it("says how many bytes each block has", () => {
    assert.strictEqual(Manifest.blockCount(manifest), 2)
    assert.deepStrictEqual(
      [0, 1].map((i) => Manifest.blockBytes(manifest, i)),
      [65_536, 1],
    )
    assert.strictEqual(Manifest.blockCount({ ...manifest, sizeBytes: 0n }), 0)
    assert.strictEqual(Manifest.blockBytes({ ...manifest, sizeBytes: 65_536n }, 0), 65_536)
  })
})

function hex(value: unknown) {
  return Buffer.from(DagCbor.encode(value)).toString("hex")
}

describe("BlockList", () => {
  it("names as many blocks as a block of metadata can hold, and one of one more is too large", () => {
    const cids = Array.from({ length: blocksMax }, (_, i) => data(i))
    const full = BlockList.encode(cids)
    const sizeBytes = BigInt(blocksMax) * 65_536n
    assert.strictEqual(Result.getOrThrow(BlockList.decode(full, { ...manifest, sizeBytes })).length, blocksMax)
    assert.isTrue(Result.isFailure(Block.metadata(DagCbor.encode([...cids, data(0)]))))
  })

  it("with more or fewer blocks than the size takes is refused", () => {
    for (const sizeBytes of [0n, 65_536n, 131_073n]) {
      assert.isTrue(Result.isFailure(BlockList.decode(list, { ...manifest, sizeBytes })))
    }
    assert.isTrue(Result.isSuccess(BlockList.decode(BlockList.encode([]), { ...manifest, sizeBytes: 0n })))
  })

  it("with entries that are not data blocks is refused", () => {
    for (const entry of [list.cid, foreignCid(0x55, 0x13, 64), foreignCid(0x55, 0, 3), "a", 1, null]) {
      assert.isTrue(Result.isFailure(BlockList.decode(encoded([entry, data(1)]), manifest)))
    }
  })
})

describe("SlotManifest", () => {
  it("decodes to what was encoded", () => {
    const slotManifest = { manifest: list.cid, slotSizeBytes: 65_536n, slotRoots: [new Uint8Array(32).fill(7)] }
    assert.deepStrictEqual(Result.getOrThrow(SlotManifest.decode(SlotManifest.encode(slotManifest))), slotManifest)
  })

  for (const [what, value] of [
    ["another version", { ...slotWire, version: 0 }],
    ["a slot size of 0", { ...slotWire, slotSize: 0 }],
    ["a slot size that is no multiple of the block size", { ...slotWire, slotSize: 65_537 }],
    ["a slot size beyond any dataset", { ...slotWire, slotSize: 2 ** 40 }],
    ["no slots", { ...slotWire, slotRoots: [] }],
    ["a root of 31 bytes", { ...slotWire, slotRoots: [new Uint8Array(31)] }],
    ["a root that is text", { ...slotWire, slotRoots: ["a"] }],
    ["a dataset that is data", { ...slotWire, manifest: data(1) }],
  ] as const) {
    it(`with ${what} is refused`, () => {
      assert.isTrue(Result.isFailure(SlotManifest.decode(encoded(value))))
    })
  }
})
