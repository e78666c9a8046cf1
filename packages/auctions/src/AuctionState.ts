import type { OfferId } from "@pecia/contracts-abi"
import { Data } from "effect"

/** Nothing beside the tag. */
type Bare = Record<never, never>

/** Why what was paid in advance comes back. */
export type AuctionEnd = "Unsold" | "NotStarted" | "Failed"

/** How an auction ends. */
export type AuctionOutcome = Data.TaggedEnum<{
  /** The contract ran to its end; its price is the host's. */
  Finished: Bare
  /** No offer was selected before the expiry; everything was paid back. */
  Unsold: Bare
  /** The host that was selected did not start before the expiry; everything was paid back. */
  NotStarted: Bare
  /** The host lost too much collateral; it was paid for the time stored, the rest was paid back. */
  Failed: Bare
  /** The request never came to the chain. */
  Errored: { readonly detail: string }
}>
export const AuctionOutcome = Data.taggedEnum<AuctionOutcome>()

export type AuctionState = Data.TaggedEnum<{
  /** The request is not on the chain yet. */
  Pending: Bare
  /** Offers are collected, and one of them is selected. */
  Open: Bare
  /** The host that was selected has yet to start. */
  Selected: { readonly offerId: OfferId }
  Started: { readonly offerId: OfferId }
  /** Takes back what no host earned. */
  Refunding: { readonly end: AuctionEnd }
  Ended: { readonly outcome: AuctionOutcome }
}>
export const AuctionState = Data.taggedEnum<AuctionState>()
