import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { base36 } from "multiformats/bases/base36"
import { base58btc } from "multiformats/bases/base58"
import { CID } from "multiformats/cid"
import * as Digest from "multiformats/hashes/digest"
import { Block, decodeCid, parseCid } from "../src/index.ts"

const hello = Result.getOrThrow(Block.data(Buffer.from("hello world")))

describe("Block", () => {
  it("has the CID that other tools give to the same bytes", () => {
    // `ipfs add --cid-version=1 --raw-leaves` of "hello world"
    assert.strictEqual(hello.cid.toString(), "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e")
  })

  it("is what its CID says, or InvalidBlock", () => {
    assert.isTrue(Result.isSuccess(Block.verify(hello.cid, hello.bytes)))
    for (const bytes of ["hello worle", "hello worl", "hello world!", ""]) {
      assert.isTrue(Result.isFailure(Block.verify(hello.cid, Buffer.from(bytes))))
    }
    const sha1 = CID.createV1(0x55, Digest.create(0x11, createHash("sha1").update(hello.bytes).digest()))
    assert.isTrue(Result.isFailure(Block.verify(sha1, hello.bytes)))
  })

  it("has at most 65,536 bytes of data or 1 MiB of metadata", () => {
    assert.isTrue(Result.isSuccess(Block.data(new Uint8Array(65_536))))
    assert.isTrue(Result.isFailure(Block.data(new Uint8Array(65_537))))
    assert.isTrue(Result.isSuccess(Block.metadata(new Uint8Array(1_048_576))))
    assert.isTrue(Result.isFailure(Block.metadata(new Uint8Array(1_048_577))))
  })
})

describe("parseCid", () => {
  it("reads base32, base36 and base58, and answers with base32", () => {
    for (const text of [hello.cid.toString(), hello.cid.toString(base36), hello.cid.toString(base58btc)]) {
      assert.strictEqual(Result.getOrThrow(parseCid(text)).toString(), hello.cid.toString())
    }
  })

  it("reads what names a node of a file", () => {
    const text = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"
    assert.strictEqual(Result.getOrThrow(parseCid(text)).code, 0x70)
  })

  for (const text of [
    "",
    "cid",
    "b",
    hello.cid.toString().slice(0, -1),
    `${hello.cid}a`,
    hello.cid.toString().toUpperCase(),
    ` ${hello.cid}`,
    "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG",
    // dag-json
    CID.createV1(0x0129, hello.cid.multihash).toString(),
    CID.createV1(0x72, hello.cid.multihash).toString(),
    "../../etc/passwd",
    "b".repeat(1_000_000),
    "\0",
  ]) {
    it(`refuses ${JSON.stringify(text.slice(0, 70))}`, () => {
      const result = parseCid(text)
      assert.strictEqual(Result.isFailure(result) && result.failure._tag, "IncorrectCid")
      if (Result.isFailure(result)) {
        assert.match(result.failure.message, /^Incorrect Cid: /)
        assert.isBelow(result.failure.message.length, 300)
      }
    })
  }
})

describe("decodeCid", () => {
  it("reads the 36 bytes of a CID and nothing else", () => {
    assert.strictEqual(Result.getOrThrow(decodeCid(hello.cid.bytes)).toString(), hello.cid.toString())
    const bytes = Array.from(hello.cid.bytes)
    for (const other of [
      [],
      bytes.slice(1),
      bytes.slice(0, 35),
      [...bytes, 0],
      [0x12, 0x20, ...bytes.slice(4)],
      [0xff],
    ]) {
      assert.isTrue(Result.isFailure(decodeCid(Uint8Array.from(other))))
    }
  })
})
