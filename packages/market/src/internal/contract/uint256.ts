import { Data, Result } from "effect"

/** What Solidity calls a panic: checked arithmetic that failed. Nobody decides on it; it becomes a `ChainError`. */
export class Panic extends Data.TaggedError("Panic")<{ readonly detail: string }> {}

const limit = 2n ** 256n

/** The number, if the contract can hold it. */
export const uint256 = (value: bigint): Result.Result<bigint, Panic> =>
  0n <= value && value < limit
    ? Result.succeed(value)
    : Result.fail(new Panic({ detail: "panic: an amount would be negative or exceed 2^256 - 1" }))

export const add = (a: bigint, b: bigint) => uint256(a + b)
export const subtract = (a: bigint, b: bigint) => uint256(a - b)
export const multiply = (a: bigint, b: bigint) => uint256(a * b)
const divisor = (b: bigint): Result.Result<bigint, Panic> =>
  b === 0n ? Result.fail(new Panic({ detail: "panic: division by zero" })) : Result.succeed(b)
export const divide = (a: bigint, b: bigint) => Result.map(divisor(b), (b) => a / b)
export const remainder = (a: bigint, b: bigint) => Result.map(divisor(b), (b) => a % b)
