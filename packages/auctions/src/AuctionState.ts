import { Data } from "effect"
import type { AuctionEnd, AuctionOutcome } from "./AuctionOutcome.ts"
import type { AuctionStanding } from "./AuctionStanding.ts"
import type { Candidate } from "./SelectingStrategy.ts"

/** Nothing beside the tag. */
type Bare = Record<never, never>

export type AuctionState = Data.TaggedEnum<{
  /** The request is not on the chain yet. */
  Pending: Bare
  /** Offers are collected, and one of them is selected. */
  Open: Bare
  /** The host that was selected has yet to start. */
  Selected: Candidate
  Started: Candidate
  /** Takes back what no host earned. */
  Refunding: { readonly end: AuctionEnd }
  Ended: { readonly outcome: AuctionOutcome }
}>
export const AuctionState = Data.taggedEnum<AuctionState>()

export type AuctionFact = Data.TaggedEnum<{
  /** How the auction stands: after an event, at a limit of time, after a reorganisation, or asked before or after a transaction. */
  ChainSays: { readonly standing: AuctionStanding }
  /** The request is on the chain. */
  Requested: Bare
  /** The request is not on the chain, and will not be sent again. */
  Refused: { readonly detail: string }
  /** All that can be had back is back. */
  Refunded: Bare
}>
export const AuctionFact = Data.taggedEnum<AuctionFact>()

export type AuctionWork = Data.TaggedEnum<{
  /** Approves the maximum price and sends the request. */
  Request: Bare
  /** Collects offers and selects one of them. */
  Select: Bare
  Refund: { readonly end: AuctionEnd }
}>
export const AuctionWork = Data.taggedEnum<AuctionWork>()
