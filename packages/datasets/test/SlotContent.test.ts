import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import { CID } from "multiformats/cid"
import { Block, type Cid, SlotContent } from "../src/index.ts"
import { bytesOf } from "./bytesOf.ts"

const metadata = (bytes: Uint8Array) => Result.getOrThrow(Block.metadata(bytes))
const data = (bytes: Uint8Array) => Result.getOrThrow(Block.data(bytes))
const manifest = metadata(Uint8Array.of(0xa0)).cid
const slotRoot = bytesOf(32, 3)

const refusal = (block: { readonly cid: Cid; readonly bytes: Uint8Array }) => {
  const decoded = SlotContent.decode(block)
  return Result.isFailure(decoded) ? decoded.failure.message : assert.fail("it was taken")
}

describe("the content of a slot", () => {
  const Seed = Schema.Int

  it.effect.prop("is a raw block of 64 bytes, from which it comes back", [Seed, Seed], ([one, other]) =>
    Effect.sync(() => {
      const content = { manifest: metadata(bytesOf(100, one)).cid, slotRoot: bytesOf(32, other) }
      const block = SlotContent.encode(content)
      assert.strictEqual(block.bytes.length, 64)
      assert.isTrue(Result.isSuccess(Block.verify(block.cid, block.bytes)))
      const back = Result.getOrThrow(SlotContent.decode(block))
      assert.isTrue(back.manifest.equals(content.manifest))
      assert.deepStrictEqual(back.slotRoot, content.slotRoot)
    }),
  )

  it.effect.prop(
    "is read from any 64 bytes, which it encodes to again; in a buffer that is used for something else afterwards",
    [Seed],
    ([seed]) =>
      Effect.sync(() => {
        const block = data(Buffer.from(bytesOf(64, seed)))
        const content = Result.getOrThrow(SlotContent.decode(block))
        block.bytes.fill(0)
        assert.deepStrictEqual(Buffer.from(SlotContent.encode(content).bytes), Buffer.from(bytesOf(64, seed)))
      }),
  )

  it("is the digest of the manifest, then the root", () => {
    const { bytes } = SlotContent.encode({ manifest, slotRoot })
    assert.deepStrictEqual(Buffer.from(bytes.subarray(0, 32)), Buffer.from(manifest.multihash.digest))
    assert.deepStrictEqual(Buffer.from(bytes.subarray(32)), Buffer.from(slotRoot))
  })

  it("is found by the hash of its block", () => {
    const { cid } = SlotContent.encode({ manifest, slotRoot })
    assert.strictEqual(SlotContent.cid(cid.multihash.digest).toString(), cid.toString())
  })

  it("is not read from other blocks", () => {
    for (const length of [0, 32, 63, 65, 128])
      assert.include(refusal(data(bytesOf(length))), `it has ${length} bytes, not 64`)
    assert.include(refusal(metadata(bytesOf(64))), "its CID is not one of data")
    const dagPb = { cid: CID.createV1(0x70, data(bytesOf(64)).cid.multihash), bytes: bytesOf(64) }
    assert.include(refusal(dagPb), "its CID is not one of data")
  })

  it("of another kind of manifest, or with a root or hash of another length, is the caller's mistake", () => {
    assert.throws(() => SlotContent.encode({ manifest: data(bytesOf(64)).cid, slotRoot }), RangeError)
    assert.throws(() => SlotContent.encode({ manifest, slotRoot: bytesOf(31) }), RangeError)
    assert.throws(() => SlotContent.cid(bytesOf(33)), RangeError)
  })
})
