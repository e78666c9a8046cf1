import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Result, Schema } from "effect"
import { SlotLayout, slotsMax } from "../src/index.ts"

const Count = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 600 }))
const Data = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 200 }))
const Parity = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 55 }))

describe("SlotLayout", () => {
  it.effect.prop(
    "stripe after stripe the slots of data are the blocks in order and then zeros, in equal slots of the least size",
    [Count, Data, Parity],
    ([blocks, data, parity]) =>
      Effect.sync(() => {
        const layout = Result.getOrThrow(SlotLayout.make(blocks, { data, parity }))
        const stripes = Math.max(1, Math.ceil(blocks / data))
        assert.strictEqual(layout.stripes, stripes)
        assert.strictEqual(layout.slotSizeBytes, BigInt(stripes) * 65_536n)
        assert.strictEqual(layout.slots, data + parity)
        const inOrder = Array.from({ length: stripes * data }, (_, i) =>
          layout.dataBlock(i % data, Math.floor(i / data)),
        )
        assert.deepStrictEqual(
          inOrder,
          inOrder.map((_, i) => (i < blocks ? Option.some(i) : Option.none())),
        )
        for (let slot = data; slot < data + parity; slot++) assert.isTrue(Option.isNone(layout.dataBlock(slot, 0)))
      }),
  )

  it("shapes that no code has, or whose parts no manifest can name, are refused", () => {
    for (const [data, parity] of [
      [0, 1],
      [-1, 0],
      [1.5, 0],
      [Number.NaN, 0],
      [2 ** 31, 0],
      [1, -1],
      [1, 0.5],
      [1, Number.POSITIVE_INFINITY],
      [slotsMax + 1, 0],
      [slotsMax, 1],
      [1, slotsMax],
    ] as const)
      assert.isTrue(Result.isFailure(SlotLayout.make(4, { data, parity })), `${data} and ${parity}`)
    assert.isTrue(Result.isSuccess(SlotLayout.make(4, { data: slotsMax, parity: 0 })))
    assert.isTrue(Result.isSuccess(SlotLayout.make(4, { data: 1, parity: slotsMax - 1 })))
    const blocksMax = 2 ** 42 / 65_536
    assert.isTrue(Result.isSuccess(SlotLayout.make(blocksMax, { data: 4, parity: 8 })))
    assert.isTrue(Result.isFailure(SlotLayout.make(blocksMax, { data: 4, parity: 9 })))
  })
})
