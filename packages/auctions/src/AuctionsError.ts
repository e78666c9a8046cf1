import { Predicate, Schema } from "effect"

/** The request could not work. Nothing was sent. */
export class SenselessAuction extends Schema.TaggedError<SenselessAuction>()("SenselessAuction", {
  /** Sentences. */
  detail: Schema.String,
}) {
  override get message() {
    return this.detail
  }
}

/** The wallet does not hold what the auctions may cost, beside those on their way to the chain. Nothing was sent. */
export class InsufficientTokens extends Schema.TaggedError<InsufficientTokens>()("InsufficientTokens", {
  /** Token base units: the sum of the maximum prices. */
  needed: Schema.BigInt,
  /** Token base units. */
  available: Schema.BigInt,
}) {
  override get message() {
    return `The auctions may cost ${this.needed} token base units, but the account has only ${this.available} to spend; get more tokens, or ask for fewer slots, a shorter duration or a lower price.`
  }
}

/** The journal of auctions could not be read or written; nothing was changed. */
export class AuctionJournalError extends Schema.TaggedError<AuctionJournalError>()("AuctionJournalError", {
  operation: Schema.String,
  cause: Schema.Defect(),
}) {
  /** Whether the same may work in a while: the database was locked by another process, for instance. */
  get isRetryable(): boolean {
    return Predicate.hasProperty(this.cause, "isRetryable") && this.cause.isRetryable === true
  }

  override get message() {
    const cause = this.cause instanceof Error ? this.cause.message : String(this.cause)
    return `The journal of auctions could not be used (${this.operation}). ${cause}`
  }
}
