import { Equal, Match } from "effect"
import { type AuctionEnd, AuctionOutcome } from "./AuctionOutcome.ts"
import { AuctionStanding } from "./AuctionStanding.ts"
import { type AuctionFact, AuctionState, AuctionWork } from "./AuctionState.ts"

// An auction as two pure functions: `decide` says what a fact leads to, `work` what has to go on in a state.
// Level-triggered: wherever an auction is, how it stands on the chain alone says where it goes.

const ended = (outcome: AuctionOutcome): AuctionState => AuctionState.Ended({ outcome })
const refunding = (end: AuctionEnd): AuctionState => AuctionState.Refunding({ end })

/** Where a standing leads. What the chain lost in a reorganisation is sent again: the id is the same, so it is not paid twice. */
const follow = (standing: AuctionStanding): AuctionState =>
  AuctionStanding.$match(standing, {
    Unknown: () => AuctionState.Pending(),
    Open: () => AuctionState.Open(),
    Unsold: () => refunding({ _tag: "Unsold" }),
    Selected: ({ offer, offerId }) => AuctionState.Selected({ offerId, offer }),
    NotStarted: ({ offer, offerId }) => refunding({ _tag: "NotStarted", offerId, offer }),
    Started: ({ offer, offerId }) => AuctionState.Started({ offerId, offer }),
    Over: ({ offer, offerId }) => ended(AuctionOutcome.Finished({ offerId, offer })),
    Failed: ({ offer, offerId }) => refunding({ _tag: "Failed", offerId, offer }),
    Refunded: ({ offer, offerId }) => ended(AuctionOutcome.NotStarted({ offerId, offer })),
  })

const next = (state: AuctionState, fact: AuctionFact): AuctionState => {
  if (state._tag === "Ended") return state
  return Match.value(fact).pipe(
    Match.tag("ChainSays", ({ standing }) => follow(standing)),
    Match.tag("Requested", () => (state._tag === "Pending" ? AuctionState.Open() : state)),
    Match.tag("Refused", ({ detail }) =>
      state._tag === "Pending" ? ended(AuctionOutcome.Errored({ detail })) : state,
    ),
    Match.tag("Refunded", () => (state._tag === "Refunding" ? ended(state.end) : state)),
    Match.exhaustive,
  )
}

/** What follows from a fact. The very same state: nothing changes. */
const decide = (state: AuctionState, fact: AuctionFact): AuctionState => {
  const after = next(state, fact)
  return Equal.equals(after, state) ? state : after
}

/** What has to be going on in a state. */
const work = (state: AuctionState): AuctionWork | undefined =>
  AuctionState.$match(state, {
    Pending: (): AuctionWork | undefined => AuctionWork.Request(),
    Open: () => AuctionWork.Select(),
    Selected: () => undefined,
    Started: () => undefined,
    Refunding: ({ end }) => AuctionWork.Refund({ end }),
    Ended: () => undefined,
  })

export const AuctionMachine = { decide, work } as const
