import { RequestFlaw, RequestId } from "@pecia/contracts-abi"
import { Predicate, Schema } from "effect"
import { PurchaseName } from "./PurchaseName.ts"

/** The request could not work. Nothing was sent. */
export class SenselessRequest extends Schema.TaggedError<SenselessRequest>()("SenselessRequest", {
  flaws: Schema.NonEmptyArray(RequestFlaw),
}) {
  override get message() {
    return this.flaws.map(({ message }) => message).join(" ")
  }
}

/** The wallet does not hold the price, beside what purchases on their way to the chain will take. Nothing was sent. */
export class InsufficientTokens extends Schema.TaggedError<InsufficientTokens>()("InsufficientTokens", {
  /** Token base units: the price. */
  needed: Schema.BigInt,
  /** Token base units. */
  available: Schema.BigInt,
}) {
  override get message() {
    return `The request costs ${this.needed} token base units, but the account has only ${this.available} to spend; get more tokens, or ask for fewer slots, a shorter duration or a lower reward.`
  }
}

/** The request is over, or never came to the chain, so what was waited for does not come any more. */
export class PurchaseEnded extends Schema.TaggedError<PurchaseEnded>()("PurchaseEnded", {
  requestId: RequestId,
  name: PurchaseName,
  /** Why it ended, as a sentence. */
  detail: Schema.String,
}) {
  override get message() {
    return this.detail
  }
}

/** The journal of purchases could not be read or written; nothing was changed. */
export class PurchaseJournalError extends Schema.TaggedError<PurchaseJournalError>()("PurchaseJournalError", {
  operation: Schema.String,
  cause: Schema.Defect(),
}) {
  /** Whether the same may work in a while: the database was locked by another process, for instance. */
  get isRetryable(): boolean {
    return Predicate.hasProperty(this.cause, "isRetryable") && this.cause.isRetryable === true
  }

  override get message() {
    const cause = this.cause instanceof Error ? this.cause.message : String(this.cause)
    return `The journal of purchases could not be used (${this.operation}). ${cause}`
  }
}
