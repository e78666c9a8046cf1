import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { SecureRandom } from "effect/crypto"
import { ContentHash, Nonce, OfferId, RequestId, SlotId, StorageAsk, StorageRequest, slotId } from "../src/index.ts"
import { sample, vectors } from "./vectors.ts"

describe("ids and prices", () => {
  it("hold for the example of the contract's interface", () => {
    const id = StorageRequest.id(sample)
    assert.strictEqual(id, "0x798536d92247eba1c39e9a9ac47cf22eeb782067d23c8eacbf8901949a681b87")
    assert.strictEqual(slotId(id, 0n), "0xebf6aedadb3d5e41a80f0195f1c471b1da8c2bc1c3cf3c95029ad9fa09934106")
    assert.strictEqual(slotId(id, 1n), "0x4dd8102ab08b1c97bf8a3c89e6bbcdf411dc070437c52a7f6f47b06987307775")
  })

  it("hold for every vector", () => {
    assert.strictEqual(vectors.length, 12)
    for (const { request, requestId, slotIds, price, pricePerSlot } of vectors) {
      assert.strictEqual(StorageRequest.id(request), requestId)
      assert.isNotEmpty(slotIds)
      for (const [index, id] of Object.entries(slotIds)) assert.strictEqual(slotId(requestId, BigInt(index)), id)
      assert.strictEqual(StorageAsk.pricePerSlot(request.ask), pricePerSlot)
      assert.strictEqual(StorageAsk.price(request.ask), price)
    }
  })

  it("a slot index that is no uint256 is a defect", () => {
    assert.throws(() => slotId(StorageRequest.id(sample), -1n), RangeError)
    assert.throws(() => slotId(StorageRequest.id(sample), 2n ** 256n), RangeError)
  })
})

describe.each([
  { noun: "request id", from: RequestId.from },
  { noun: "slot id", from: SlotId.from },
  { noun: "offer id", from: OfferId.from },
  { noun: "content hash", from: ContentHash.from },
  { noun: "nonce", from: Nonce.from },
])("a $noun", ({ noun, from }) => {
  const digits = `0123456789abcdef${"9f".repeat(24)}`

  it.each([digits, `0x${digits}`, `0x${digits.toUpperCase()}`, digits.toUpperCase(), `0X${digits}`])(
    "is read from %s",
    (text) => {
      assert.strictEqual(Result.getOrThrow<string, unknown>(from(text)), `0x${digits}`)
    },
  )

  it.each(["", "0x", digits.slice(1), `${digits}0`, `${digits}\n`, digits.replace("f", "g")])(
    "is not read from %j",
    (text) => {
      const error = Result.getOrThrow(Result.flip<string, Error>(from(text)))
      assert.include(error.message, `is not a ${noun}: it takes 64 hex digits`)
    },
  )
})

describe("Nonce", () => {
  it.effect("is made of 32 random bytes, another each time", () =>
    Effect.gen(function* () {
      assert.notStrictEqual(yield* Nonce.random, yield* Nonce.random)
    }).pipe(Effect.provide(SecureRandom.layerWebCrypto)),
  )

  it("is made of exactly 32 bytes", () => {
    assert.strictEqual(Nonce.fromBytes(new Uint8Array(32).fill(0x0a)), `0x${"0a".repeat(32)}`)
    assert.throws(() => Nonce.fromBytes(new Uint8Array(31)))
  })
})
