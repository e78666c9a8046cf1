import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Result, Schema } from "effect"
import { Block, type Cid, SlotLayout } from "../src/index.ts"

const cids = (count: number): ReadonlyArray<Cid> =>
  Array.from({ length: count }, (_, i) => Result.getOrThrow(Block.data(Uint8Array.of(i, i >> 8))).cid)

const Count = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 600 }))
const Slots = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 256 }))

describe("SlotLayout", () => {
  it.effect.prop(
    "the slots, one after the other, are the blocks in order and then zeros, in equal slots of the least size",
    [Count, Slots],
    ([count, slots]) =>
      Effect.sync(() => {
        const blocks = cids(count)
        const layout = Result.getOrThrow(SlotLayout.make(blocks, slots))
        const laidOut = Array.from({ length: slots }, (_, i) => Option.getOrThrow(layout.slotBlocks(BigInt(i))))
        const perSlot = Math.max(1, Math.ceil(count / slots))
        assert.strictEqual(layout.slotSizeBytes, BigInt(perSlot) * 65_536n)
        for (const slot of laidOut) assert.strictEqual(slot.length, perSlot)
        const flat = laidOut.flat()
        assert.deepStrictEqual(flat.slice(0, count), blocks.map(Option.some))
        assert.isTrue(flat.slice(count).every(Option.isNone))
        assert.isTrue(Option.isNone(layout.slotBlocks(BigInt(slots))))
        const again = Result.getOrThrow(SlotLayout.make(blocks, slots, layout.slotSizeBytes))
        assert.deepStrictEqual(again.slotBlocks(0n), layout.slotBlocks(0n))
      }),
  )

  it("sizes that do not fit the data are refused, however large they claim to be", () => {
    for (const [count, slots, size] of [
      [4, 0, undefined],
      [4, 1.5, undefined],
      [4, 2 ** 31, undefined],
      [4, 2, 65_536n],
      [4, 2, 131_073n],
      [4, 2, 0n],
      [4, 2, -65_536n],
      [4, 1, 2n ** 200n * 65_536n],
      [0, 1, 131_072n],
    ] as const) {
      assert.isTrue(Result.isFailure(SlotLayout.make(cids(count), slots, size)))
    }
    const layout = Result.getOrThrow(SlotLayout.make(cids(4), 2))
    assert.isTrue(Option.isNone(layout.slotBlocks(2n ** 255n)))
  })
})
