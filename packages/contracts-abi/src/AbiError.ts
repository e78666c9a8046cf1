import { Schema } from "effect"

/**
 * Why bytes or a tuple are not what they were taken for: they end too early; they go on after their end; a number does not fit its
 * type; an offset, a length or the filling is not what the encoder writes; a text is not UTF-8; a tuple has other members.
 */
export const AbiProblem = Schema.Literals(["Truncated", "Oversized", "OutOfRange", "NotCanonical", "NotUtf8", "Shape"])
export type AbiProblem = typeof AbiProblem.Type

const sentences: { readonly [Problem in AbiProblem]: string } = {
  Truncated: "it ends too early",
  Oversized: "it goes on after its end",
  OutOfRange: "a number is too large for its type",
  NotCanonical: "it is not laid out as the contract's compiler does it",
  NotUtf8: "a text is not UTF-8",
  Shape: "it has other members",
}

/** What came from the chain cannot be read. */
export class AbiError extends Schema.TaggedError<AbiError>()("AbiError", {
  /** The type that was to be read: "StorageRequest". */
  noun: Schema.String,
  problem: AbiProblem,
  /** The member that could not be read, and what is known besides; empty: the whole. */
  detail: Schema.String,
}) {
  override get message() {
    return `The chain's answer is no ${this.noun}: ${sentences[this.problem]}${this.detail === "" ? "" : ` (${this.detail})`}.`
  }
}
