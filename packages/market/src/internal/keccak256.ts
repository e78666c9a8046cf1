import { keccak256, toBeHex } from "ethers"

/** keccak256 of a number as 32 bytes, as a number. */
export const keccak256Of = (value: bigint): bigint => BigInt(keccak256(toBeHex(value, 32)))
