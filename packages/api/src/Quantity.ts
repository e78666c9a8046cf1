import { Schema, SchemaGetter } from "effect"

// The one place where the chain's bigints become JSON, and back.

/** Sizes, durations, times and indexes: a JSON number. Above 2^53 the nearest number stands for it. */
export const JsonNumber = Schema.Finite.pipe(
  Schema.decodeTo(Schema.BigInt, {
    decode: SchemaGetter.transform((n: number) => BigInt(Math.trunc(n))),
    encode: SchemaGetter.transform((n: bigint) => Number(n)),
  }),
)

/** Token amounts and probabilities: a decimal string. */
export const JsonAmount = Schema.String.pipe(
  Schema.check(Schema.isPattern(/^\d{1,78}$/)),
  Schema.decodeTo(Schema.BigInt, {
    decode: SchemaGetter.transform((text: string) => BigInt(text)),
    encode: SchemaGetter.transform((n: bigint) => n.toString()),
  }),
)

const expected = 'a whole number: 12, or "12", or "0xc"'

/** What requests may carry for any of the two: a whole JSON number, a decimal string, or an 0x-hex string. */
export const AnyQuantity = Schema.Union([
  Schema.String.pipe(Schema.check(Schema.isPattern(/^(\d{1,78}|0x[0-9a-fA-F]{1,64})$/, { message: expected }))),
  Schema.Int.pipe(Schema.check(Schema.isGreaterThanOrEqualTo(0, { message: expected }))),
]).pipe(
  Schema.decodeTo(Schema.BigInt, {
    decode: SchemaGetter.transform((value: string | number) => BigInt(value)),
    encode: SchemaGetter.transform((n: bigint): string | number => n.toString()),
  }),
)
