import { Schema } from "effect"

const uint = (bits: bigint) =>
  Schema.BigInt.pipe(Schema.check(Schema.isBetweenBigInt({ minimum: 0n, maximum: 2n ** bits - 1n })))

/** What a `uint8` of the contract can carry. */
export const Uint8 = uint(8n)
/** What a `uint64` of the contract can carry. */
export const Uint64 = uint(64n)
/** What a `uint256` of the contract can carry: amounts, sizes in bytes, unix times in seconds. */
export const Uint256 = uint(256n)
