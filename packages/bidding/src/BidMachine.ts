import type { OfferId } from "@pecia/contracts-abi"
import { Equal, Match } from "effect"
import { bidName } from "./BidName.ts"
import { BidStanding } from "./BidStanding.ts"
import { type BidFact, BidOutcome, BidState, BidWork, type Held } from "./BidState.ts"

// The bid on one request as two pure functions: `decide` says what a fact leads to, `work` what has to go on in a state.
// Level-triggered: the fact that counts is how the request stands on the chain; what happened in between does not matter.

const clearing = (outcome: BidOutcome): BidState => BidState.Clearing({ outcome })
const errored = ({ detail }: { readonly detail: string }) => clearing(BidOutcome.Errored({ detail }))
const declined = ({ reason }: { readonly reason: string }) => BidOutcome.Declined({ reason })

/** What names the contract. */
interface OfOffer {
  readonly offerId: OfferId
}

/** Where the standings lead that depend on what the state holds. */
interface Here {
  readonly open: (standing: { readonly offered: boolean }) => BidState
  readonly selected: (standing: OfOffer) => BidState
  readonly started: (standing: OfOffer) => BidState
}

/** Where a standing leads: what is over is paid or cleared from wherever it is. */
const follow = (standing: BidStanding, { open, selected, started }: Here): BidState => {
  const notSelected = () => clearing(BidOutcome.NotSelected())
  return BidStanding.$match(standing, {
    Unknown: notSelected,
    Open: open,
    Over: notSelected,
    Taken: notSelected,
    Selected: selected,
    Late: (): BidState => BidState.Releasing(),
    Released: () => clearing(BidOutcome.NotStarted()),
    Started: started,
    Payable: ({ offerId, contract }): BidState => BidState.Payout({ offerId, contract }),
    Paid: () => clearing(BidOutcome.Finished()),
  })
}

const reserving = (): BidState => BidState.Reserving()
/** Where what is held is not known, it is looked up. */
const restoring = (): BidState => BidState.Restoring()
const offering = ({ offered }: { readonly offered: boolean }) => (offered ? BidState.Offered() : BidState.Offering())

const recovering =
  (started: boolean) =>
  ({ offerId }: OfOffer): BidState =>
    BidState.Recovering({ offerId, started })
const downloading =
  (started: boolean) =>
  ({ offerId }: OfOffer): BidState =>
    BidState.Downloading({ offerId, started })
const starting = ({ offerId }: OfOffer): BidState => BidState.Starting({ offerId })
const keeping = ({ offerId }: OfOffer): BidState => BidState.Started({ offerId })

/** What a standing means to a bid that holds nothing, space, data. */
const without: Here = { open: reserving, selected: recovering(false), started: recovering(true) }
const withSpace: Here = { open: offering, selected: downloading(false), started: downloading(true) }
const withData: Here = { open: offering, selected: starting, started: keeping }
/** On restoring, data is taken for good only if its contract was started: it was compared with the request before. */
const restored: { readonly [What in Held]: Here } = {
  Nothing: without,
  Space: withSpace,
  Data: { ...withSpace, started: keeping },
}
/** Some payouts are made, and some contracts released, long after their data was removed. */
const afterwards: Here = { open: restoring, selected: restoring, started: restoring }
/** Of the data some may be removed. */
const halfCleared: Here = { ...without, open: restoring }

/** Whether the bid ended for a reason of this host's, and not of the chain's. */
const isGivenUp = ({ _tag }: BidOutcome) => _tag === "Declined" || _tag === "Errored"

/** A bid that is cleared is taken up again when a reorganisation revives it, unless it was given up. Money is collected in any case. */
const whileClearing = (state: BidState & { readonly _tag: "Clearing" }, standing: BidStanding): BidState => {
  const { outcome } = state
  switch (standing._tag) {
    case "Open":
    case "Selected":
    case "Started":
      return isGivenUp(outcome) ? state : follow(standing, halfCleared)
    case "Late":
      return follow(standing, halfCleared)
    case "Payable":
      // A contract that has failed looks the same once its host was paid.
      return outcome._tag === "Failed" && standing.contract === "Failed" ? state : follow(standing, halfCleared)
    default:
      return state
  }
}

const next = (state: BidState, fact: BidFact): BidState => {
  const stay = (): BidState => state
  const on = Match.value(fact)
  const chainSays = (here: Here) => on.pipe(Match.tag("ChainSays", ({ standing }) => follow(standing, here)))
  return BidState.$match(state, {
    Restoring: () =>
      on.pipe(
        Match.tag("Found", ({ standing, held }) => follow(standing, restored[held])),
        Match.orElse(stay),
      ),
    Reserving: () =>
      chainSays(without).pipe(
        Match.tag("Reserved", (): BidState => BidState.Offering()),
        Match.tag("Declined", (fact): BidState => BidState.Ended({ outcome: declined(fact) })),
        Match.tag("Broken", errored),
        Match.orElse(stay),
      ),
    Offering: () =>
      chainSays(withSpace).pipe(
        Match.tag("Offered", (): BidState => BidState.Offered()),
        Match.tag("Declined", (fact) => clearing(declined(fact))),
        Match.tag("Broken", errored),
        Match.orElse(stay),
      ),
    Offered: () => chainSays(withSpace).pipe(Match.orElse(stay)),
    Recovering: (kept) =>
      chainSays(without).pipe(
        Match.tag("Reserved", (): BidState => downloading(kept.started)(kept)),
        Match.tag("Declined", (fact): BidState => BidState.Ended({ outcome: declined(fact) })),
        Match.tag("Broken", errored),
        Match.orElse(stay),
      ),
    Downloading: (kept) =>
      chainSays(withSpace).pipe(
        Match.tag("Stored", (): BidState => (kept.started ? keeping(kept) : starting(kept))),
        Match.tag("Broken", errored),
        Match.orElse(stay),
      ),
    Starting: (kept) =>
      chainSays(withData).pipe(
        Match.tag("Begun", () => keeping(kept)),
        Match.orElse(stay),
      ),
    Started: () => chainSays(withData).pipe(Match.orElse(stay)),
    Payout: ({ contract }) =>
      chainSays(afterwards).pipe(
        Match.tag("PaidOut", () => clearing(contract === "Failed" ? BidOutcome.Failed() : BidOutcome.Finished())),
        Match.orElse(stay),
      ),
    Releasing: () =>
      chainSays(afterwards).pipe(
        Match.tag("Released", () => clearing(BidOutcome.NotStarted())),
        Match.orElse(stay),
      ),
    Clearing: (state) =>
      on.pipe(
        Match.tag("ChainSays", ({ standing }) => whileClearing(state, standing)),
        Match.tag("Cleared", (): BidState => BidState.Ended({ outcome: state.outcome })),
        Match.orElse(stay),
      ),
    Ended: stay,
  })
}

/** What follows from a fact. The very same state: nothing changes. */
const decide = (state: BidState, fact: BidFact): BidState => {
  const after = next(state, fact)
  return Equal.equals(after, state) ? state : after
}

/** What has to be going on in a state. */
const work = (state: BidState): BidWork | undefined =>
  BidState.$match(state, {
    Restoring: (): BidWork | undefined => BidWork.Restore(),
    Reserving: () => BidWork.Reserve(),
    Offering: () => BidWork.Offer(),
    Offered: () => undefined,
    Recovering: () => BidWork.Recover(),
    Downloading: ({ started }) => BidWork.Store({ started }),
    Starting: ({ offerId }) => BidWork.Start({ offerId }),
    Started: () => undefined,
    Payout: ({ offerId }) => BidWork.PayOut({ offerId }),
    Releasing: () => BidWork.Release(),
    Clearing: () => BidWork.Clear(),
    Ended: () => undefined,
  })

export const BidMachine = { decide, work, restName: bidName } as const
