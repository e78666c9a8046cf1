import { Equal, Match } from "effect"
import { PurchaseOutcome } from "./PurchaseOutcome.ts"
import { type PurchaseFact, PurchaseState, PurchaseWork } from "./PurchaseState.ts"
import type { RequestStanding } from "./RequestStanding.ts"

// A purchase as two pure functions: `decide` says what a fact leads to, `work` what has to go on in a state.
// Level-triggered: wherever a purchase is, how its request stands on the chain alone says where it goes.

const ended = (outcome: PurchaseOutcome): PurchaseState => PurchaseState.Ended({ outcome })

const collected = PurchaseOutcome.Errored({
  detail:
    "The request was not filled before its expiry, and one of its hosts collected a payment before the price was taken back; the contract keeps the rest.",
})

/** Where a standing leads. What the chain lost in a reorganisation is sent again: the id is the same, so it is not paid twice. */
const follow: { readonly [Standing in RequestStanding]: PurchaseState } = {
  Unknown: PurchaseState.Pending(),
  New: PurchaseState.Submitted(),
  Started: PurchaseState.Started(),
  Cancelled: PurchaseState.Refunding(),
  Collected: ended(collected),
  Finished: ended(PurchaseOutcome.Finished()),
  Failed: ended(PurchaseOutcome.Failed()),
}

const next = (state: PurchaseState, fact: PurchaseFact): PurchaseState => {
  if (state._tag === "Ended") return state
  return Match.value(fact).pipe(
    // What has started was complete, so nobody collected before.
    Match.tag("ChainSays", ({ standing }) =>
      state._tag === "Started" && standing === "Collected" ? follow.Finished : follow[standing],
    ),
    Match.tag("Requested", () => (state._tag === "Pending" ? PurchaseState.Submitted() : state)),
    Match.tag("Refused", ({ detail }) =>
      state._tag === "Pending" ? ended(PurchaseOutcome.Errored({ detail })) : state,
    ),
    Match.tag("Refunded", () => (state._tag === "Refunding" ? ended(PurchaseOutcome.Cancelled()) : state)),
    Match.exhaustive,
  )
}

/** What follows from a fact. The very same state: nothing changes. */
const decide = (state: PurchaseState, fact: PurchaseFact): PurchaseState => {
  const after = next(state, fact)
  return Equal.equals(after, state) ? state : after
}

/** What has to be going on in a state. */
const work = (state: PurchaseState): PurchaseWork | undefined =>
  PurchaseState.$match(state, {
    Pending: (): PurchaseWork | undefined => PurchaseWork.Request(),
    Submitted: () => undefined,
    Started: () => undefined,
    Refunding: () => PurchaseWork.Refund(),
    Ended: () => undefined,
  })

export const PurchaseMachine = { decide, work } as const
