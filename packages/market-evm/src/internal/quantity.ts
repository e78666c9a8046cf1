import { Schema, SchemaGetter } from "effect"

/** How JSON-RPC writes numbers. */
export const Quantity = Schema.String.pipe(
  Schema.check(Schema.isPattern(/^0x[0-9a-f]+$/i)),
  Schema.decodeTo(Schema.BigInt, {
    decode: SchemaGetter.transform((hex: string) => BigInt(hex)),
    encode: SchemaGetter.transform((value: bigint) => quantity(value)),
  }),
)

export const quantity = (value: bigint) => `0x${value.toString(16)}`

/** 32 bytes. */
export const Hash = Schema.String.pipe(Schema.check(Schema.isPattern(/^0x[0-9a-f]{64}$/i)))

/** Any bytes. */
export const Data = Schema.String.pipe(Schema.check(Schema.isPattern(/^0x(?:[0-9a-f]{2})*$/i)))
