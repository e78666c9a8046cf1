import { concat, keccak256, toBeHex } from "ethers"

/** keccak256 of numbers as 32 bytes each, as a number. */
export const keccak256Of = (...values: ReadonlyArray<bigint>): bigint =>
  BigInt(keccak256(concat(values.map((value) => toBeHex(value, 32)))))
