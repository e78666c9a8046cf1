import { assert, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { AnyQuantity, JsonAmount, JsonNumber } from "../src/index.ts"

const Uint256 = Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: 0n, maximum: 2n ** 256n - 1n }))
const Exact = Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: 0n, maximum: BigInt(Number.MAX_SAFE_INTEGER) }))

it.effect.prop("a quantity reads the same as decimal, as hex, and as what a client writes", [Uint256], ([quantity]) =>
  Effect.gen(function* () {
    const read = Schema.decodeUnknownEffect(AnyQuantity)
    const written = yield* Schema.encodeEffect(AnyQuantity)(quantity)
    assert.strictEqual(written, `${quantity}`)
    for (const form of [written, `0x${quantity.toString(16)}`, `0x${quantity.toString(16).toUpperCase()}`]) {
      assert.strictEqual(yield* read(form), quantity)
    }
  }),
)

it.effect.prop("a quantity reads the same as a JSON number, as far as those are exact", [Exact], ([quantity]) =>
  Effect.gen(function* () {
    assert.strictEqual(yield* Schema.decodeUnknownEffect(AnyQuantity)(Number(quantity)), quantity)
    const number = yield* Schema.encodeEffect(JsonNumber)(quantity)
    assert.strictEqual(number, Number(quantity))
    assert.strictEqual(yield* Schema.decodeEffect(JsonNumber)(number), quantity)
  }),
)

it.effect.prop("an amount survives its decimal string", [Uint256], ([amount]) =>
  Effect.gen(function* () {
    const text = yield* Schema.encodeEffect(JsonAmount)(amount)
    assert.strictEqual(text, `${amount}`)
    assert.strictEqual(yield* Schema.decodeEffect(JsonAmount)(text), amount)
  }),
)

it.effect.prop(
  "what is no number stays none: no text with a sign, a point, a space or an exponent is read",
  [Uint256],
  ([n]) =>
    Effect.forEach([`-${n}`, `+${n}`, `${n}.0`, ` ${n}`, `${n} `, `${n}e1`, `${n}n`, `0x-${n}`], (text) =>
      Effect.flip(Schema.decodeUnknownEffect(AnyQuantity)(text)),
    ),
)
