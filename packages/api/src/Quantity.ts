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

/** The largest number that a contract knows. */
const largest = 2n ** 256n - 1n
const refused = {
  message: 'Expected a whole number below 2^256, such as 12, "12" or "0xc" (from 2^53 on in quotes)',
}

/**
 * What requests may carry for any of the two: a whole JSON number (below 2^53), a decimal string, or an 0x-hex string.
 * From 0 to 2^256 - 1.
 */
export const AnyQuantity = Schema.Union([
  Schema.String.check(Schema.isPattern(/^(\d{1,78}|0x[0-9a-fA-F]{1,64})$/, refused)),
  Schema.Number.check(Schema.isInt(refused), Schema.isGreaterThanOrEqualTo(0, refused)),
])
  .annotate({ ...refused, identifier: "Quantity" })
  .pipe(
    Schema.decodeTo(Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: 0n, maximum: largest }, refused)), {
      decode: SchemaGetter.transform((value: string | number) => BigInt(value)),
      encode: SchemaGetter.transform((n: bigint): string | number => n.toString()),
    }),
  )
