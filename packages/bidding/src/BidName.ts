import { Schema } from "effect"
import { BidOutcome, BidState } from "./BidState.ts"

/** The names that REST shows. */
export const BidName = Schema.Literals([
  "unknown",
  "reserving",
  "offering",
  "offered",
  "downloading",
  "starting",
  "started",
  "payout",
  "finished",
  "failed",
  "notSelected",
  "notStarted",
  "declined",
  "errored",
])
export type BidName = typeof BidName.Type

const named = (name: BidName) => () => name

const outcomeName = ({ outcome }: { readonly outcome: BidOutcome }): BidName =>
  BidOutcome.$match(outcome, {
    Finished: named("finished"),
    Failed: named("failed"),
    NotSelected: named("notSelected"),
    NotStarted: named("notStarted"),
    Declined: named("declined"),
    Errored: named("errored"),
  })

/** A bid that is released or cleared shows how it ends. */
export const bidName = (state: BidState): BidName =>
  BidState.$match(state, {
    Restoring: named("unknown"),
    Reserving: named("reserving"),
    Offering: named("offering"),
    Offered: named("offered"),
    Recovering: named("reserving"),
    Downloading: named("downloading"),
    Starting: named("starting"),
    Started: named("started"),
    Payout: named("payout"),
    Releasing: named("notStarted"),
    Clearing: outcomeName,
    Ended: outcomeName,
  })
