import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { getBytes } from "ethers"
import { type AbiProblem, StorageContent, StorageRequest } from "../src/index.ts"
import { coder, marketplace, requestType } from "./judge.ts"
import { sample, vectors } from "./vectors.ts"

const word = 32
const encoded = StorageRequest.encode(sample)

/** The sample's encoding with one byte set. */
const changed = (at: number, byte: number) => {
  const bytes = Uint8Array.from(encoded)
  bytes[at] = byte
  return bytes
}

const refusal = (result: Result.Result<StorageRequest, { problem: AbiProblem; detail: string }>) =>
  Result.match(result, { onSuccess: () => "read", onFailure: ({ problem, detail }) => `${problem} ${detail}`.trim() })

/** Where the cid's length stands: after the offset, the request's head and the content's head. */
const cidAt = word + 10 * word + 3 * word
/** Where the three offsets of the proof's parameters stand: after the cid of 49 bytes. */
const porAt = cidAt + 3 * word

describe("StorageRequest.decode", () => {
  it("reads every vector back", () => {
    for (const { request } of vectors) {
      assert.deepStrictEqual(Result.getOrThrow(StorageRequest.decode(StorageRequest.encode(request))), request)
    }
  })

  it.each([
    ["nothing", new Uint8Array(), "Truncated request"],
    ["half a word", encoded.subarray(0, 16), "Truncated request"],
    ["an encoding without its last byte", encoded.subarray(0, -1), "Truncated name"],
    ["something after the end", Uint8Array.from([...encoded, 0]), "Oversized"],
    ["a word after the end", Uint8Array.from([...encoded, ...new Uint8Array(word)]), "Oversized"],
    ["another offset of the request", changed(word - 1, 0x40), "NotCanonical request"],
    ["another offset of the content", changed(word + 8 * word - 1, 0x60), "NotCanonical content"],
    ["another offset of the cid", changed(word + 11 * word - 1, 0x80), "NotCanonical cid"],
    ["another offset of the proof's parameters", changed(cidAt - 1, 0x80), "NotCanonical por"],
    ["another offset of u", changed(porAt + word - 1, 0x40), "NotCanonical u"],
    ["another offset of the public key", changed(porAt + 2 * word - 1, 0x60), "NotCanonical publicKey"],
    ["another offset of the name", changed(porAt + 3 * word - 1, 0x80), "NotCanonical name"],
    ["an address of more than 160 bits", changed(word + 11, 1), "OutOfRange client"],
    ["more slots than a uint64 holds", changed(word + word + 23, 1), "OutOfRange slots"],
    ["more chunks than a uint64 holds", changed(cidAt - word - word, 1), "OutOfRange totalChunks"],
    ["a cid longer than all there is", changed(cidAt, 0xff), "Truncated cid"],
    ["a cid longer than what is left", changed(cidAt + word - 2, 0x01), "Truncated cid"],
    ["a cid that is not UTF-8", changed(cidAt + word, 0xff), "NotUtf8 cid"],
    ["a cid that is not filled up with zeros", changed(cidAt + 3 * word - 1, 1), "NotCanonical cid"],
  ])("refuses %s", (_, bytes, expected) => {
    assert.strictEqual(refusal(StorageRequest.decode(bytes)), expected)
  })

  it("reads bytes that stand inside a larger buffer", () => {
    const larger = Uint8Array.from([1, 2, 3, ...encoded, 4])
    assert.deepStrictEqual(Result.getOrThrow(StorageRequest.decode(larger.subarray(3, -1))), sample)
  })

  it("does not keep the buffer that it read from", () => {
    const request = new StorageRequest({
      ...sample,
      content: new StorageContent({ ...sample.content, por: { ...sample.content.por, u: Uint8Array.of(7) } }),
    })
    const bytes = StorageRequest.encode(request)
    const read = Result.getOrThrow(StorageRequest.decode(bytes))
    bytes.fill(0)
    assert.deepStrictEqual(read, request)
  })
})

describe("a cid", () => {
  it.each([
    ["a byte order mark in front", "\uFEFFcid"],
    ["a zero", "a\0b"],
    ["text beyond the basic plane", "🜁🜂"],
  ])("survives with %s", (_, cid) => {
    const request = new StorageRequest({ ...sample, content: new StorageContent({ ...sample.content, cid }) })
    assert.deepStrictEqual(Result.getOrThrow(StorageRequest.decode(StorageRequest.encode(request))), request)
  })

  it("cannot have a lone surrogate, which has no UTF-8", () => {
    assert.throws(() => new StorageContent({ ...sample.content, cid: "\ud800" }), "Schema validation failed")
    const content = Schema.decodeUnknownResult(StorageContent)({ ...sample.content, cid: "\ud800" })
    assert.match(Result.match(content, { onSuccess: () => "read", onFailure: String }), /lone surrogates/)
  })
})

describe("StorageRequest.fromAbi", () => {
  it("reads the contract's answers", () => {
    const answer = marketplace.encodeFunctionResult("getActiveSlot", [StorageRequest.toAbi(sample), 3n])
    const [request, slotIndex] = marketplace.decodeFunctionResult("getActiveSlot", answer)
    assert.deepStrictEqual(Result.getOrThrow(StorageRequest.fromAbi(request)), sample)
    assert.strictEqual(slotIndex, 3n)
  })

  it("refuses an answer with a cid that is not UTF-8", () => {
    const tuple: unknown = coder.decode([requestType], changed(cidAt + word, 0xff))[0]
    assert.match(refusal(StorageRequest.fromAbi(tuple)), /^NotUtf8$/)
  })

  it("refuses what is no tuple of a request", () => {
    for (const tuple of [undefined, null, 1n, "0x", [], {}, [...StorageRequest.toAbi(sample).slice(0, 4), "0x12"]]) {
      assert.match(refusal(StorageRequest.fromAbi(tuple)), /^Shape /)
    }
  })

  it("what it answers can go back to the contract", () => {
    const call = marketplace.encodeFunctionData("requestStorage", [StorageRequest.toAbi(sample)])
    assert.deepStrictEqual(Result.getOrThrow(StorageRequest.decode(getBytes(call).subarray(4))), sample)
  })
})
