import type { OfferId } from "@pecia/contracts-abi"
import { Data } from "effect"
import type { BidStanding } from "./BidStanding.ts"

/** Nothing beside the tag. */
type Bare = Record<never, never>

/** How a bid ends. */
export type BidOutcome = Data.TaggedEnum<{
  /** The contract ran to its end and was paid. */
  Finished: Bare
  /** Too much collateral was lost; the time stored was paid. */
  Failed: Bare
  /** Another offer was selected, or none before the expiry, or the chain no longer knows the request. */
  NotSelected: Bare
  /** Our offer was selected, but the contract was not started before the expiry. */
  NotStarted: Bare
  /** No space, no tokens, or the strategy did not want it. It may pass: the request is looked at again. */
  Declined: { readonly reason: string }
  /** Something broke that trying again does not mend. */
  Errored: { readonly detail: string }
}>
export const BidOutcome = Data.taggedEnum<BidOutcome>()

/** The outcome as a sentence. */
export const outcomeSentence = (outcome: BidOutcome): string =>
  BidOutcome.$match(outcome, {
    Finished: () => "The contract ran to its end and was paid.",
    Failed: () =>
      "The contract failed, because too many proofs were missed; it was paid for the time that the data was stored.",
    NotSelected: () => "No offer of this host was selected.",
    NotStarted: () =>
      "An offer of this host was selected, but the contract was not started before the request's expiry.",
    Declined: ({ reason }) => reason,
    Errored: ({ detail }) => detail,
  })

/** Space is held, or filled to the last byte. */
export type Held = "Nothing" | "Space" | "Data"

/** A contract of ours. */
interface Kept {
  readonly offerId: OfferId
  readonly started: boolean
}

export type BidState = Data.TaggedEnum<{
  /** Taken up, now or after a restart; the chain has not been asked yet. */
  Restoring: Bare
  /** Holds space, if there is any and the tokens suffice for the collateral. */
  Reserving: Bare
  /** Decides on the price and sends the offer. */
  Offering: Bare
  /** Waits for the client. */
  Offered: Bare
  /** Our offer was selected, but no space is held: it was given back, or the record of space was lost. */
  Recovering: Kept
  /** Our offer was selected; the data is fetched. `started`: it was here before. */
  Downloading: Kept
  Starting: { readonly offerId: OfferId }
  /** Keeps the data. */
  Started: { readonly offerId: OfferId }
  /** Collects the pay of a contract that is over. */
  Payout: { readonly offerId: OfferId; readonly contract: "Finished" | "Failed" }
  /** Sees to it that a contract that was not started in time no longer locks the collateral. */
  Releasing: Bare
  /** Removes the data and returns the space. */
  Clearing: { readonly outcome: BidOutcome }
  Ended: { readonly outcome: BidOutcome }
}>
export const BidState = Data.taggedEnum<BidState>()

export type BidFact = Data.TaggedEnum<{
  /** How the request stands on the chain: after an event, at a limit of time, after a reorganisation, or asked before a transaction. */
  ChainSays: { readonly standing: BidStanding }
  /** The same on restoring, and what is held for the request. */
  Found: { readonly standing: BidStanding; readonly held: Held }
  Reserved: Bare
  /** No space, no tokens, not wanted: nothing broke. */
  Declined: { readonly reason: string }
  /** The offer is on the chain. */
  Offered: Bare
  Stored: Bare
  /** The contract runs. */
  Begun: Bare
  PaidOut: Bare
  /** The client has its money back. */
  Released: Bare
  Cleared: Bare
  /** A work failed in a way that trying again does not mend. */
  Broken: { readonly detail: string }
}>
export const BidFact = Data.taggedEnum<BidFact>()

export type BidWork = Data.TaggedEnum<{
  Restore: Bare
  Reserve: Bare
  /** Holds space for a contract of ours, whatever the tokens. */
  Recover: Bare
  Offer: Bare
  Store: { readonly started: boolean }
  Start: { readonly offerId: OfferId }
  PayOut: { readonly offerId: OfferId }
  Release: Bare
  Clear: Bare
}>
export const BidWork = Data.taggedEnum<BidWork>()
