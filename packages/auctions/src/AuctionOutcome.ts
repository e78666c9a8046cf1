import { Data } from "effect"
import type { Candidate } from "./SelectingStrategy.ts"

/** Nothing beside the tag. */
type Bare = Record<never, never>

/** How an auction ends, and which offer had been selected. */
export type AuctionOutcome = Data.TaggedEnum<{
  /** The contract ran to its end; its price is the host's. */
  Finished: Candidate
  /** No offer was selected before the expiry; everything was paid back. */
  Unsold: Bare
  /** The host that was selected did not start before the expiry; everything was paid back. */
  NotStarted: Candidate
  /** The host lost too much collateral; it earns the time stored, the rest was paid back. */
  Failed: Candidate
  /** The request never came to the chain. */
  Errored: { readonly detail: string }
}>
export const AuctionOutcome = Data.taggedEnum<AuctionOutcome>()

/** Why what was paid in advance comes back. */
export type AuctionEnd = Extract<AuctionOutcome, { readonly _tag: "Unsold" | "NotStarted" | "Failed" }>
