import type { RequestState } from "@pecia/contracts-abi"
import { Data } from "effect"
import type { PurchaseOutcome, Rest } from "./PurchaseOutcome.ts"
import type { RequestStanding } from "./RequestStanding.ts"

/** Nothing beside the tag. */
type Bare = Record<never, never>

/** How a request is over, so that its client is paid what no host earned. */
export type RequestEnd = Exclude<RequestState, "New" | "Started">

export type PurchaseState = Data.TaggedEnum<{
  /** The request is not on the chain yet. */
  Pending: Bare
  /** The request waits for hosts. */
  Submitted: Bare
  /** All slots were filled. */
  Started: Bare
  /** The request is over; takes back what no host earned. */
  Refunding: { readonly request: RequestEnd }
  Ended: { readonly outcome: PurchaseOutcome }
}>
export const PurchaseState = Data.taggedEnum<PurchaseState>()

export type PurchaseFact = Data.TaggedEnum<{
  /** How the request stands: after an event, at a limit of time, after a reorganisation, or asked before a transaction. */
  ChainSays: { readonly standing: RequestStanding }
  /** The request is on the chain. */
  Requested: Bare
  /** The request is not on the chain, and will not be sent again. */
  Refused: { readonly detail: string }
  /** All that can be had back is back. */
  Refunded: { readonly rest: Rest }
}>
export const PurchaseFact = Data.taggedEnum<PurchaseFact>()

export type PurchaseWork = Data.TaggedEnum<{
  /** Approves the price and sends the request. */
  Request: Bare
  Refund: { readonly request: RequestEnd }
}>
export const PurchaseWork = Data.taggedEnum<PurchaseWork>()
