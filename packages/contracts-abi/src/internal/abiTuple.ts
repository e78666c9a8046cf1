import { Result, Schema, SchemaGetter } from "effect"
import { AbiError } from "../AbiError.ts"
import { Address } from "../Address.ts"
import { Nonce } from "../Nonce.ts"
import { fromHex, toHex } from "./hex.ts"

// The members of tuples as ethers hands them out: numbers as bigint, addresses with checksum, all bytes as hex.

export const AbiAddress = Schema.String.pipe(
  Schema.decodeTo(Address, {
    decode: SchemaGetter.transform((hex: string) => hex.toLowerCase()),
    encode: SchemaGetter.transform((address: string) => address),
  }),
)

export const AbiNonce = Schema.String.pipe(
  Schema.decodeTo(Nonce, {
    decode: SchemaGetter.transform((hex: string) => hex.toLowerCase()),
    encode: SchemaGetter.transform((nonce: string) => nonce),
  }),
)

export const AbiBytes = Schema.String.pipe(
  Schema.check(Schema.isPattern(/^0x(?:[0-9a-f]{2})*$/i)),
  Schema.decodeTo(Schema.Uint8Array, {
    decode: SchemaGetter.transform((hex: string) => fromHex(hex.slice(2))),
    encode: SchemaGetter.transform(toHex),
  }),
)

/** Ethers keeps a text that is not UTF-8 as an error, which it throws when the member is read. */
const isUnreadableText = (cause: unknown) =>
  cause instanceof Error && cause.message.startsWith("deferred error during ABI decoding")

/** Reads the positions of a tuple, whatever else it is (ethers' `Result` is an array behind a proxy). */
export const readTuple = <A>(
  noun: string,
  schema: Schema.Decoder<A>,
): ((tuple: unknown) => Result.Result<A, AbiError>) => {
  const decode = Schema.decodeUnknownResult(schema)
  return (tuple) =>
    Result.try({
      try: () => decode(tuple),
      catch: (cause) =>
        new AbiError({ noun, problem: isUnreadableText(cause) ? "NotUtf8" : "Shape", detail: String(cause) }),
    }).pipe(Result.flatMap(Result.mapError(({ message }) => new AbiError({ noun, problem: "Shape", detail: message }))))
}
