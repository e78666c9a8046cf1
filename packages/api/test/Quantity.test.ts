import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { AnyQuantity } from "../src/index.ts"

const read = Schema.decodeUnknownEffect(AnyQuantity)
const largest = 2n ** 256n - 1n

describe("AnyQuantity", () => {
  it.effect.each<[given: unknown, bigint]>([
    [12, 12n],
    ["12", 12n],
    ["0xc", 12n],
    ["0xFF", 255n],
    ["007", 7n],
    [0, 0n],
    ["0", 0n],
    [Number.MAX_SAFE_INTEGER, 9_007_199_254_740_991n],
    [`${largest}`, largest],
    [`0x${"f".repeat(64)}`, largest],
  ])("reads %j", ([given, expected]) => Effect.map(read(given), (quantity) => assert.strictEqual(quantity, expected)))

  it.effect.each<[given: unknown]>([
    [-1],
    [1.5],
    [2 ** 53],
    [1e300],
    [Number.NaN],
    ["-1"],
    ["1.5"],
    ["1e5"],
    [""],
    [" 12"],
    ["12\n"],
    ["0x"],
    ["0X10"],
    ["ff"],
    ["٣"],
    [`${largest + 1n}`],
    ["9".repeat(79)],
    [`0x1${"0".repeat(64)}`],
    [null],
    [true],
    [[]],
    [{}],
    [undefined],
  ])("refuses %j with one sentence", ([given]) =>
    Effect.map(Effect.flip(read(given)), ({ message }) =>
      assert.strictEqual(
        message,
        'Expected a whole number below 2^256, such as 12, "12" or "0xc" (from 2^53 on in quotes)',
      ),
    ),
  )
})
