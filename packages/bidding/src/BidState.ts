import type { OfferId } from "@pecia/contracts-abi"
import { Data } from "effect"

/** Nothing beside the tag. */
type Bare = Record<never, never>

/** How a bid ends. */
export type BidOutcome = Data.TaggedEnum<{
  /** The contract ran to its end and was paid. */
  Finished: Bare
  /** Too much collateral was lost; the time stored was paid. */
  Failed: Bare
  /** Another offer was selected, or none before the expiry. */
  NotSelected: Bare
  /** Our offer was selected, but the contract was not started before the expiry. */
  NotStarted: Bare
  /** No space, no tokens, or the strategy did not want it: nothing was offered. */
  Declined: { readonly reason: string }
  Errored: { readonly detail: string }
}>
export const BidOutcome = Data.taggedEnum<BidOutcome>()

export type BidState = Data.TaggedEnum<{
  /** Taken up again after a restart; the chain has not been asked yet. */
  Restoring: Bare
  /** Holds space, if there is any and the tokens suffice for the collateral. */
  Reserving: Bare
  /** Decides on the price and sends the offer. */
  Offering: Bare
  /** Waits for the client. */
  Offered: Bare
  /** Our offer was selected; the data is fetched. */
  Downloading: { readonly offerId: OfferId }
  Starting: { readonly offerId: OfferId }
  /** Keeps the data. */
  Started: { readonly offerId: OfferId }
  /** Collects the pay of a contract that is over. */
  Payout: { readonly offerId: OfferId; readonly contract: "Finished" | "Failed" }
  /** Removes the data and returns the space. */
  Clearing: { readonly outcome: BidOutcome }
  Ended: { readonly outcome: BidOutcome }
}>
export const BidState = Data.taggedEnum<BidState>()
