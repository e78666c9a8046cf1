import { Schema } from "effect"
import { AuctionOutcome, AuctionState } from "./AuctionState.ts"

/** The names that REST shows. */
export const AuctionName = Schema.Literals([
  "pending",
  "open",
  "selected",
  "started",
  "finished",
  "unsold",
  "notStarted",
  "failed",
  "errored",
])
export type AuctionName = typeof AuctionName.Type

const ends = { Unsold: "unsold", NotStarted: "notStarted", Failed: "failed" } as const

const named = (name: AuctionName) => () => name

/** An auction of which something is being taken back is called by its end already. */
export const auctionName = (state: AuctionState): AuctionName =>
  AuctionState.$match(state, {
    Pending: named("pending"),
    Open: named("open"),
    Selected: named("selected"),
    Started: named("started"),
    Refunding: ({ end }) => ends[end],
    Ended: ({ outcome }) =>
      AuctionOutcome.$match(outcome, {
        Finished: named("finished"),
        Unsold: named("unsold"),
        NotStarted: named("notStarted"),
        Failed: named("failed"),
        Errored: named("errored"),
      }),
  })
