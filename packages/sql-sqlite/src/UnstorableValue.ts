import { Result, Schema } from "effect"

/** A statement's parameter that SQLite would store as something else. It is the `cause` of the `SqlError`; nothing was executed. */
export class UnstorableValue extends Schema.TaggedError<UnstorableValue>()("UnstorableValue", {
  /** The parameter's place in the statement; the first one is 1. */
  position: Schema.Int,
  detail: Schema.String,
}) {
  override get message() {
    return `Parameter ${this.position} cannot be stored: ${this.detail}.`
  }
}

/** What SQLite can store without loss. Booleans go in as 1 and 0. */
export type Storable = null | number | bigint | string | Uint8Array

const minInteger = -(2n ** 63n)
const maxInteger = 2n ** 63n - 1n

const storable = (value: unknown): Result.Result<Storable, string> => {
  if (value === null || typeof value === "string" || value instanceof Uint8Array) return Result.succeed(value)
  if (typeof value === "boolean") return Result.succeed(value ? 1 : 0)
  if (typeof value === "bigint") {
    return value >= minInteger && value <= maxInteger
      ? Result.succeed(value)
      : Result.fail(`${value} is outside the integers of SQLite (${minInteger} to ${maxInteger})`)
  }
  if (typeof value !== "number") return Result.fail(`it is of type ${typeof value}, not a number, text, bytes or null`)
  // SQLite would make NULL of it.
  return Number.isNaN(value) ? Result.fail("it is not a number (NaN)") : Result.succeed(value)
}

export const storables = (values: ReadonlyArray<unknown>): Result.Result<Array<Storable>, UnstorableValue> => {
  const checked: Array<Storable> = []
  for (const [index, value] of values.entries()) {
    const result = storable(value)
    if (Result.isFailure(result)) {
      return Result.fail(new UnstorableValue({ position: index + 1, detail: result.failure }))
    }
    checked.push(result.success)
  }
  return Result.succeed(checked)
}
