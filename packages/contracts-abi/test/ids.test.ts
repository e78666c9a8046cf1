import { assert, describe, it } from "@effect/vitest"
import { StorageAsk, StorageRequest, slotId } from "../src/index.ts"
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
