import { Equal, Match } from "effect"
import { PurchaseOutcome, type Rest } from "./PurchaseOutcome.ts"
import { type PurchaseFact, PurchaseState, PurchaseWork, type RequestEnd } from "./PurchaseState.ts"
import type { RequestStanding } from "./RequestStanding.ts"

// A purchase as two pure functions: `decide` says what a fact leads to, `work` what has to go on in a state.
// Level-triggered: wherever a purchase is, how its request stands on the chain alone says where it goes.

const ended = (outcome: PurchaseOutcome): PurchaseState => PurchaseState.Ended({ outcome })
const refunding = (request: RequestEnd): PurchaseState => PurchaseState.Refunding({ request })

/** Where a standing leads. What the chain lost in a reorganisation is sent again: the id is the same, so it is not paid twice. */
const follow: { readonly [Standing in RequestStanding]: PurchaseState } = {
  Unknown: PurchaseState.Pending(),
  New: PurchaseState.Submitted(),
  Started: PurchaseState.Started(),
  Cancelled: refunding("Cancelled"),
  Finished: refunding("Finished"),
  Failed: refunding("Failed"),
}

const refunded = (request: RequestEnd, rest: Rest): PurchaseState =>
  ended(request === "Cancelled" ? PurchaseOutcome.Cancelled() : PurchaseOutcome[request]({ rest }))

const next = (state: PurchaseState, fact: PurchaseFact): PurchaseState => {
  if (state._tag === "Ended") return state
  return Match.value(fact).pipe(
    Match.tag("ChainSays", ({ standing }) => follow[standing]),
    Match.tag("Requested", () => (state._tag === "Pending" ? PurchaseState.Submitted() : state)),
    Match.tag("Refused", ({ detail }) =>
      state._tag === "Pending" ? ended(PurchaseOutcome.Errored({ detail })) : state,
    ),
    Match.tag("Refunded", ({ rest }) => (state._tag === "Refunding" ? refunded(state.request, rest) : state)),
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
    Refunding: ({ request }) => PurchaseWork.Refund({ request }),
    Ended: () => undefined,
  })

export const PurchaseMachine = { decide, work } as const
