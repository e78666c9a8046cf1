import { Data, Result } from "effect"

/** A revert or panic on which no caller decides; it becomes a `ChainError`. */
export class Revert extends Data.TaggedError("Revert")<{ readonly detail: string }> {}

const uint =
  (bits: bigint) =>
  (value: bigint): Result.Result<bigint, Revert> =>
    0n <= value && value < 2n ** bits
      ? Result.succeed(value)
      : Result.fail(new Revert({ detail: `panic: an amount would be negative or exceed 2^${bits} - 1` }))

/** The number, if an argument of the contract can hold it. */
export const uint256 = uint(256n)
/** The number, if an account's collateral can be that much. */
export const uint128 = uint(128n)

// Solidity's checked arithmetic: what does not fit is a panic.

export const add = (a: bigint, b: bigint) => uint256(a + b)
export const subtract = (a: bigint, b: bigint) => uint256(a - b)
export const multiply = (a: bigint, b: bigint) => uint256(a * b)
