import { assert, describe, it } from "@effect/vitest"
import * as DagCbor from "@ipld/dag-cbor"
import { Option, Result } from "effect"
import { CID } from "multiformats/cid"
import * as Digest from "multiformats/hashes/digest"
import { Block, type Cid, cidOfDigest, Manifest, partBlocksMax, SlotManifest, SlotPart } from "../src/index.ts"

const block = (bytes: Uint8Array) => Result.getOrThrow(Block.metadata(bytes))
const encoded = (value: unknown) => block(DagCbor.encode(value))
const data = (n: number): Cid => Result.getOrThrow(Block.data(Uint8Array.of(n, n >> 8, n >> 16))).cid

const node = cidOfDigest("node", new Uint8Array(32).fill(1))
const metadata = cidOfDigest("metadata", new Uint8Array(32).fill(1))

const wire = { version: 2, size: 65_537, blockSize: 65_536, content: node, filename: "a", mimetype: null }
const manifest: Manifest = { sizeBytes: 65_537n, blockSizeBytes: 65_536, content: node, filename: "a", mimetype: null }

const foreignCid = (code: number, hashCode: number, sizeBytes: number) =>
  CID.createV1(code, Digest.create(hashCode, new Uint8Array(sizeBytes)))

/** Text that begins as given, in the form of the codec: a map of one pair whose key is `__proto__`. */
const prototypeMap = Buffer.concat([Buffer.from("a1695f5f70726f746f5f5f", "hex"), DagCbor.encode(wire)])

describe("Manifest", () => {
  it("decodes to what was encoded", () => {
    assert.deepStrictEqual(Result.getOrThrow(Manifest.decode(Manifest.encode(manifest))), manifest)
    assert.strictEqual(Manifest.encode(manifest).cid.toString(), encoded(wire).cid.toString())
  })

  for (const [what, value] of [
    ["the version before", { ...wire, version: 1 }],
    ["a version to come", { ...wire, version: 3 }],
    ["a negative size", { ...wire, size: -1 }],
    ["a size that is not whole", { ...wire, size: 1.5 }],
    ["a size beyond 4 TiB", { ...wire, size: 2 ** 42 + 1 }],
    ["a size beyond 2^53", { ...wire, size: 2n ** 63n }],
    ["a size in text", { ...wire, size: "1" }],
    ["another block size", { ...wire, blockSize: 65_535 }],
    ["a block size of 0", { ...wire, blockSize: 0 }],
    ["a tree that is metadata", { ...wire, content: metadata }],
    ["a tree of another codec", { ...wire, content: foreignCid(0x72, 0x12, 32) }],
    ["a tree of another hash", { ...wire, content: foreignCid(0x70, 0x13, 64) }],
    ["a tree without a hash", { ...wire, content: foreignCid(0x70, 0x00, 5) }],
    ["a tree with a short hash", { ...wire, content: foreignCid(0x70, 0x12, 20) }],
    ["a tree in text", { ...wire, content: node.toString() }],
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
    assert.strictEqual(Manifest.blockCount({ ...manifest, sizeBytes: 0n }), 1)
    assert.strictEqual(Manifest.blockBytes({ ...manifest, sizeBytes: 65_536n }, 0), 65_536)
    assert.strictEqual(Manifest.blockBytes({ ...manifest, sizeBytes: 0n }, 0), 0)
  })
})

function hex(value: unknown) {
  return Buffer.from(DagCbor.encode(value)).toString("hex")
}

const slot = { root: new Uint8Array(32).fill(7), parts: [metadata] }
const coding = { codec: "code", k: 2, m: 1 }
const slotWire = { version: 2, manifest: metadata, coding, slotSize: 65_536, slots: [slot, slot, slot] }
const slotManifest: SlotManifest = {
  manifest: metadata,
  codec: "code",
  data: 2,
  parity: 1,
  slotSizeBytes: 65_536n,
  slots: [slot, slot, slot],
}

describe("SlotManifest", () => {
  it("decodes to what was encoded", () => {
    assert.deepStrictEqual(Result.getOrThrow(SlotManifest.decode(SlotManifest.encode(slotManifest))), slotManifest)
    assert.strictEqual(SlotManifest.encode(slotManifest).cid.toString(), encoded(slotWire).cid.toString())
  })

  it("of as many slots as there can be is taken, and of as many parts as the largest slot has", () => {
    const wide = {
      ...slotWire,
      coding: { codec: "none", k: 255, m: 0 },
      slots: Array.from({ length: 255 }, () => slot),
    }
    assert.isTrue(Result.isSuccess(SlotManifest.decode(encoded(wide))))
    const long = { root: slot.root, parts: Array.from({ length: 8192 }, () => metadata) }
    const large = { ...slotWire, coding: { codec: "none", k: 1, m: 0 }, slotSize: 2 ** 42, slots: [long] }
    assert.isTrue(Result.isSuccess(SlotManifest.decode(encoded(large))))
  })

  it("says how many blocks each part lists", () => {
    const stripes = BigInt(partBlocksMax + 5)
    const sized = { slotSizeBytes: stripes * 65_536n }
    assert.deepStrictEqual(
      [0, 1].map((part) => SlotManifest.partBlocks(sized, part)),
      [partBlocksMax, 5],
    )
  })

  for (const [what, value] of [
    ["the version before", { ...slotWire, version: 1 }],
    ["a slot size of 0", { ...slotWire, slotSize: 0 }],
    ["a slot size that is no multiple of the block size", { ...slotWire, slotSize: 65_537 }],
    ["a slot size beyond any dataset", { ...slotWire, slotSize: 2 ** 43 }],
    ["no slots", { ...slotWire, slots: [] }],
    ["a slot less than its coding has", { ...slotWire, slots: [slot, slot] }],
    ["a slot more than its coding has", { ...slotWire, slots: [slot, slot, slot, slot] }],
    ["no slots of data", { ...slotWire, coding: { codec: "code", k: 0, m: 3 } }],
    ["fewer than no parity", { ...slotWire, coding: { codec: "code", k: 4, m: -1 } }],
    ["half a slot", { ...slotWire, coding: { codec: "code", k: 2.5, m: 0.5 } }],
    [
      "256 slots",
      { ...slotWire, coding: { codec: "code", k: 200, m: 56 }, slots: Array.from({ length: 256 }, () => slot) },
    ],
    ["a code without parity", { ...slotWire, coding: { codec: "code", k: 3, m: 0 } }],
    ["parity without a code", { ...slotWire, coding: { codec: "none", k: 2, m: 1 } }],
    ["a code without a name", { ...slotWire, coding: { codec: "", k: 2, m: 1 } }],
    ["a code whose name is a book", { ...slotWire, coding: { codec: "a".repeat(101), k: 2, m: 1 } }],
    ["a root of 31 bytes", { ...slotWire, slots: [slot, slot, { ...slot, root: new Uint8Array(31) }] }],
    ["a root that is text", { ...slotWire, slots: [slot, slot, { ...slot, root: "a" }] }],
    ["a slot without parts", { ...slotWire, slots: [slot, slot, { ...slot, parts: [] }] }],
    ["a part too many", { ...slotWire, slots: [slot, slot, { ...slot, parts: [metadata, metadata] }] }],
    ["a part that is data", { ...slotWire, slots: [slot, slot, { ...slot, parts: [data(1)] }] }],
    ["a dataset that is data", { ...slotWire, manifest: data(1) }],
    ["a dataset that is a node", { ...slotWire, manifest: node }],
    ["a field too many", { ...slotWire, more: 1 }],
    ["a field too many in its coding", { ...slotWire, coding: { ...coding, more: 1 } }],
  ] as const) {
    it(`with ${what} is refused`, () => {
      const result = SlotManifest.decode(encoded(value))
      assert.strictEqual(Result.isFailure(result) && result.failure._tag, "InvalidManifest")
    })
  }
})

const partWire = { blocks: [data(1), null], roots: new Uint8Array(64) }

describe("SlotPart", () => {
  it("decodes to what was encoded", () => {
    const part = { blocks: [Option.some(data(1)), Option.none()], roots: new Uint8Array(64).fill(3) }
    assert.deepStrictEqual(Result.getOrThrow(SlotPart.decode(SlotPart.encode(part))), part)
  })

  it("lists 8,192 blocks in one block, and no more", () => {
    const of = (count: number) => ({
      blocks: Array.from({ length: count }, (_, i) => data(i)),
      roots: new Uint8Array(32 * count),
    })
    assert.isTrue(Result.isSuccess(SlotPart.decode(encoded(of(8192)))))
    assert.isTrue(Result.isFailure(SlotPart.decode(encoded(of(8193)))))
  })

  for (const [what, value] of [
    ["no blocks", { blocks: [], roots: new Uint8Array(0) }],
    ["a root too few", { ...partWire, roots: new Uint8Array(32) }],
    ["a root too many", { ...partWire, roots: new Uint8Array(96) }],
    ["half a root", { ...partWire, roots: new Uint8Array(48) }],
    ["a block that is metadata", { ...partWire, blocks: [metadata, null] }],
    ["a block of another hash", { ...partWire, blocks: [foreignCid(0x55, 0x13, 64), null] }],
    ["a block in text", { ...partWire, blocks: ["a", null] }],
    ["a field too many", { ...partWire, more: 1 }],
    ["a list in its place", [partWire]],
  ] as const) {
    it(`with ${what} is refused`, () => {
      const result = SlotPart.decode(encoded(value))
      assert.strictEqual(Result.isFailure(result) && result.failure._tag, "InvalidManifest")
    })
  }
})
