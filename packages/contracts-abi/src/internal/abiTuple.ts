import { Result, Schema, SchemaGetter } from "effect"
import { AbiError } from "../AbiError.ts"
import { Address } from "../Address.ts"
import { ContentHash } from "../ContentHash.ts"
import { Nonce } from "../Nonce.ts"
import { RequestId } from "../RequestId.ts"
import { fromHex, toHex } from "./hex.ts"
import { oneLine } from "./oneLine.ts"

// The members of tuples as ethers hands them out: numbers as bigint, addresses with checksum, all bytes as hex.

export const AbiAddress = Schema.String.pipe(
  Schema.decodeTo(Address, {
    decode: SchemaGetter.transform((hex: string) => hex.toLowerCase()),
    encode: SchemaGetter.transform((address: string) => address),
  }),
)

/** 32 bytes that we keep as a branded text. */
const bytes32 = <Brand extends string>(brand: Schema.Codec<Brand, string>) =>
  Schema.String.pipe(
    Schema.decodeTo(brand, {
      decode: SchemaGetter.transform((hex: string) => hex.toLowerCase()),
      encode: SchemaGetter.transform((text: string) => text),
    }),
  )

export const AbiNonce = bytes32(Nonce)
export const AbiRequestId = bytes32(RequestId)
export const AbiContentHash = bytes32(ContentHash)

export const AbiBytes = Schema.String.pipe(
  Schema.check(Schema.isPattern(/^0x(?:[0-9a-f]{2})*$/i)),
  Schema.decodeTo(Schema.Uint8Array, {
    decode: SchemaGetter.transform((hex: string) => fromHex(hex.slice(2))),
    encode: SchemaGetter.transform(toHex),
  }),
)

/**
 * Reads the positions of a tuple, whatever else it is. Ethers' `Result` is an array behind a proxy, which throws when a member is
 * read that it could not decode; with our types only a text can be such a member.
 */
export const readTuple = <A>(
  noun: string,
  schema: Schema.Decoder<A>,
): ((tuple: unknown) => Result.Result<A, AbiError>) => {
  const decode = Schema.decodeUnknownResult(schema)
  return (tuple) =>
    Result.try({
      try: () => decode(tuple),
      catch: () => new AbiError({ noun, problem: "NotUtf8", detail: "" }),
    }).pipe(
      Result.flatMap(
        Result.mapError(({ message }) => new AbiError({ noun, problem: "Shape", detail: oneLine(message) })),
      ),
    )
}
