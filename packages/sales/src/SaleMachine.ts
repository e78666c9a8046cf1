import { Equal, Match } from "effect"
import { restName } from "./SaleName.ts"
import { SaleOutcome } from "./SaleOutcome.ts"
import { type SaleFact, SaleState, SaleWork } from "./SaleState.ts"
import { SlotStanding } from "./SlotStanding.ts"

// The sale of one slot as two pure functions: `decide` says what a fact leads to, `work` what has to go on in a state.
// Level-triggered: the fact that counts is how the slot stands on the chain; what happened in between does not matter.

/** How often the contract may refuse a first proof. */
const proofAttempts = 3

const clearing = (outcome: SaleOutcome): SaleState => SaleState.Clearing({ outcome })
const leaving = (outcome: SaleOutcome): SaleState => SaleState.Leaving({ outcome })
const payout = ({ cancelled }: { readonly cancelled: boolean }): SaleState => SaleState.Payout({ cancelled })
const hosting = (started: boolean): SaleState => SaleState.Hosting({ started })
const ignored = (reason: string) => SaleOutcome.Ignored({ reason })
export const tooLate = "The request expires too soon to fill a slot of it."
const freed = SaleOutcome.Errored({
  detail:
    "The slot was freed while we hosted it: slashing took the collateral below its minimum, or it was left by hand.",
})

const over = {
  Cancelled: SaleOutcome.Cancelled(),
  Failed: SaleOutcome.Failed(),
  Finished: ignored("The request ended before the slot was filled."),
  Unknown: ignored("The chain no longer knows the request: it was lost in a reorganisation."),
} as const

type Here = {
  readonly open: (closing: boolean) => SaleState
  readonly mine: (started: boolean) => SaleState
}

/** Where a standing leads; only an open slot and a slot of ours depend on the state we are in. */
const follow = (standing: SlotStanding, here: Here): SaleState =>
  SlotStanding.$match(standing, {
    Open: ({ closing }) => here.open(closing),
    Mine: ({ started, expiring }) => (expiring ? leaving(SaleOutcome.Cancelled()) : here.mine(started)),
    Taken: ({ host }) => clearing(SaleOutcome.Lost({ host })),
    Payable: payout,
    Doomed: () => leaving(SaleOutcome.Failed()),
    Paid: () => clearing(SaleOutcome.Finished()),
    Over: ({ request }) => clearing(over[request]),
  })

/** What a standing means to a slot that is not filled yet. */
const beforeFilling = (standing: SlotStanding, here: (mine: boolean) => SaleState) =>
  follow(standing, { open: (closing) => (closing ? clearing(ignored(tooLate)) : here(false)), mine: () => here(true) })

const next = (state: SaleState, fact: SaleFact): SaleState => {
  const stay = (): SaleState => state
  const on = Match.value(fact)
  return SaleState.$match(state, {
    Restoring: () =>
      on.pipe(
        Match.tag("Found", ({ standing, reserved }) =>
          follow(standing, {
            open: (closing) => {
              if (!reserved) return clearing(ignored("Nothing is reserved for the slot."))
              return closing ? clearing(ignored(tooLate)) : SaleState.Downloading({ mine: false })
            },
            mine: (started) => (reserved ? hosting(started) : SaleState.Reserving({ mine: true })),
          }),
        ),
        Match.orElse(stay),
      ),
    Reserving: ({ mine }) =>
      on.pipe(
        Match.tag("ChainSays", ({ standing }) =>
          beforeFilling(standing, (isMine) =>
            mine && !isMine ? clearing(freed) : SaleState.Reserving({ mine: isMine }),
          ),
        ),
        Match.tag("Reserved", () => SaleState.Downloading({ mine })),
        Match.tag("Declined", ({ reason }) =>
          mine ? leaving(ignored(reason)) : SaleState.Ended({ outcome: ignored(reason) }),
        ),
        Match.tag("Broken", ({ detail }) => (mine ? leaving : clearing)(SaleOutcome.Errored({ detail }))),
        Match.orElse(stay),
      ),
    Downloading: ({ mine }) =>
      on.pipe(
        Match.tag("ChainSays", ({ standing }) => beforeFilling(standing, (mine) => SaleState.Downloading({ mine }))),
        Match.tag("Stored", () => (mine ? hosting(false) : SaleState.InitialProving({ attempt: 1, notBefore: 0n }))),
        Match.tag("Broken", ({ detail }) => (mine ? leaving : clearing)(SaleOutcome.Errored({ detail }))),
        Match.orElse(stay),
      ),
    InitialProving: ({ attempt }) =>
      on.pipe(
        Match.tag("ChainSays", ({ standing }) => beforeFilling(standing, (mine) => (mine ? hosting(false) : state))),
        Match.tag("Proven", ({ proof }) => SaleState.Filling({ attempt, proof })),
        Match.tag("Broken", ({ detail }) => clearing(SaleOutcome.Errored({ detail }))),
        Match.orElse(stay),
      ),
    Filling: ({ attempt }) =>
      on.pipe(
        // How late it is, the work asks itself: from here on the transaction may be on its way.
        Match.tag("ChainSays", ({ standing }) => follow(standing, { open: stay, mine: hosting })),
        Match.tag("Filled", () => hosting(false)),
        Match.tag("ProofSpent", ({ notBefore }) => SaleState.InitialProving({ attempt, notBefore })),
        Match.tag("ProofRefused", ({ detail }) =>
          attempt < proofAttempts
            ? SaleState.InitialProving({ attempt: attempt + 1, notBefore: 0n })
            : clearing(SaleOutcome.Errored({ detail })),
        ),
        Match.tag("Declined", ({ reason }) => clearing(ignored(reason))),
        Match.tag("Broken", ({ detail }) => clearing(SaleOutcome.Errored({ detail }))),
        Match.orElse(stay),
      ),
    Hosting: () =>
      on.pipe(
        Match.tag("ChainSays", ({ standing }) => follow(standing, { open: () => clearing(freed), mine: hosting })),
        Match.orElse(stay),
      ),
    Payout: ({ cancelled }) =>
      on.pipe(
        Match.tag("ChainSays", ({ standing }) => follow(standing, { open: () => clearing(freed), mine: hosting })),
        Match.tag("PaidOut", () => clearing(cancelled ? SaleOutcome.Cancelled() : SaleOutcome.Finished())),
        Match.orElse(stay),
      ),
    Leaving: ({ outcome }) =>
      on.pipe(
        Match.tag("ChainSays", ({ standing }) => {
          const gone = () => clearing(outcome)
          // We leave for the request's sake, or for our own: only in the first case do we stay if it goes on after all.
          const forItsSake = outcome._tag === "Cancelled" || outcome._tag === "Failed"
          return SlotStanding.$match(standing, {
            Mine: ({ started, expiring }) => (forItsSake && !expiring ? hosting(started) : state),
            Payable: payout,
            Doomed: () => leaving(SaleOutcome.Failed()),
            Open: gone,
            Taken: gone,
            Paid: gone,
            Over: gone,
          })
        }),
        Match.tag("Left", () => clearing(outcome)),
        Match.orElse(stay),
      ),
    Clearing: ({ outcome }) =>
      on.pipe(
        Match.tag("ChainSays", ({ standing }) =>
          SlotStanding.$match(standing, {
            // Ours after all: the data is fetched again, which is quick as long as nothing was removed.
            Mine: (): SaleState => SaleState.Reserving({ mine: true }),
            Payable: payout,
            // A failed slot that was left keeps our name on the chain.
            Doomed: () => (outcome._tag === "Failed" ? state : leaving(SaleOutcome.Failed())),
            Open: stay,
            Taken: stay,
            Paid: stay,
            Over: stay,
          }),
        ),
        Match.tag("Cleared", () => SaleState.Ended({ outcome })),
        Match.orElse(stay),
      ),
    Ended: stay,
  })
}

/** What follows from a fact. The very same state: nothing changes. */
const decide = (state: SaleState, fact: SaleFact): SaleState => {
  const after = next(state, fact)
  return Equal.equals(after, state) ? state : after
}

/** What has to be going on in a state. */
const work = (state: SaleState): SaleWork | undefined =>
  SaleState.$match(state, {
    Restoring: (): SaleWork | undefined => SaleWork.Restore(),
    Reserving: () => SaleWork.Reserve(),
    Downloading: () => SaleWork.Store(),
    InitialProving: ({ attempt, notBefore }) => SaleWork.Prove({ attempt, notBefore }),
    Filling: ({ proof }) => SaleWork.Fill({ proof }),
    Hosting: () => undefined,
    Payout: () => SaleWork.PayOut(),
    Leaving: () => SaleWork.Leave(),
    Clearing: () => SaleWork.Clear(),
    Ended: () => undefined,
  })

export const SaleMachine = { decide, work, restName } as const
