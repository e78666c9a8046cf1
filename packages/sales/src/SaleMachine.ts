import { Equal, Match } from "effect"
import { restName } from "./SaleName.ts"
import { SaleOutcome } from "./SaleOutcome.ts"
import { type SaleFact, SaleState, SaleWork } from "./SaleState.ts"
import { type RequestEnd, SlotStanding } from "./SlotStanding.ts"

// The sale of one slot as two pure functions: `decide` says what a fact leads to, `work` what has to go on in a state.
// Level-triggered: the fact that counts is how the slot stands on the chain; what happened in between does not matter.

/** How often a first proof may come too late for its challenge: with the pauses between them, for about a quarter of an hour. */
const proofAttempts = 35

const clearing = (outcome: SaleOutcome): SaleState => SaleState.Clearing({ outcome })
const leaving = (outcome: SaleOutcome): SaleState => SaleState.Leaving({ outcome })
const payout = ({ request }: { readonly request: RequestEnd }): SaleState => SaleState.Payout({ request })
const hosting = (started: boolean): SaleState => SaleState.Hosting({ started })
const ignored = (reason: string) => SaleOutcome.Ignored({ reason })
const freed = SaleOutcome.Errored({
  detail:
    "The slot was freed while we hosted it: slashing took the collateral below its minimum, or it was left by hand.",
})

const outrun = SaleOutcome.Errored({
  detail: `The challenge of the slot moved ${proofAttempts} times before its proof was on the chain; this host proves too slowly, or the chain mines too slowly, for periods that short.`,
})

const paid = {
  Finished: SaleOutcome.Finished(),
  Cancelled: SaleOutcome.Cancelled({ paid: true }),
  Failed: SaleOutcome.Failed({ paid: true }),
} as const

const over = {
  Cancelled: SaleOutcome.Cancelled({ paid: false }),
  Failed: SaleOutcome.Failed({ paid: false }),
  Finished: ignored("The request ended before the slot was filled."),
  Unknown: ignored("The chain no longer knows the request: it was lost in a reorganisation."),
} as const

type Here = {
  readonly open: () => SaleState
  readonly mine: (started: boolean) => SaleState
}

/** Where a standing leads; only an open slot and a slot of ours depend on the state we are in. */
const follow = (standing: SlotStanding, here: Here): SaleState =>
  SlotStanding.$match(standing, {
    Open: here.open,
    Mine: ({ started }) => here.mine(started),
    Taken: ({ host }) => clearing(SaleOutcome.Lost({ host })),
    Payable: payout,
    Paid: ({ request }) => clearing(paid[request]),
    Over: ({ request }) => clearing(over[request]),
  })

/** What a standing means to a slot that is not filled yet. */
const beforeFilling = (standing: SlotStanding, here: (mine: boolean) => SaleState) =>
  follow(standing, { open: () => here(false), mine: () => here(true) })

const next = (state: SaleState, fact: SaleFact): SaleState => {
  const stay = (): SaleState => state
  const on = Match.value(fact)
  return SaleState.$match(state, {
    Restoring: () =>
      on.pipe(
        Match.tag("Found", ({ standing, reserved }) =>
          follow(standing, {
            open: () =>
              reserved
                ? SaleState.Downloading({ mine: false })
                : clearing(ignored("Nothing is reserved for the slot.")),
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
        Match.tag("Proven", ({ proof, challenge }) => SaleState.Filling({ attempt, proof, challenge })),
        Match.tag("Broken", ({ detail }) => clearing(SaleOutcome.Errored({ detail }))),
        Match.orElse(stay),
      ),
    Filling: ({ attempt }) =>
      on.pipe(
        Match.tag("ChainSays", ({ standing }) => follow(standing, { open: stay, mine: hosting })),
        Match.tag("Filled", () => hosting(false)),
        Match.tag("ProofSpent", ({ notBefore }) => SaleState.InitialProving({ attempt, notBefore })),
        Match.tag("ProofOutdated", () =>
          attempt < proofAttempts
            ? SaleState.InitialProving({ attempt: attempt + 1, notBefore: 0n })
            : clearing(outrun),
        ),
        Match.tag("Declined", ({ reason }) => clearing(ignored(reason))),
        Match.tag("ProofRefused", "Broken", ({ detail }) => clearing(SaleOutcome.Errored({ detail }))),
        Match.orElse(stay),
      ),
    Hosting: () =>
      on.pipe(
        Match.tag("ChainSays", ({ standing }) => follow(standing, { open: () => clearing(freed), mine: hosting })),
        Match.orElse(stay),
      ),
    Payout: ({ request }) =>
      on.pipe(
        Match.tag("ChainSays", ({ standing }) => follow(standing, { open: () => clearing(freed), mine: hosting })),
        Match.tag("PaidOut", () => clearing(paid[request])),
        Match.orElse(stay),
      ),
    Leaving: ({ outcome }) =>
      on.pipe(
        Match.tag("ChainSays", ({ standing }) => {
          const gone = () => clearing(outcome)
          return SlotStanding.$match(standing, {
            Mine: stay,
            Payable: payout,
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
    Filling: ({ proof, challenge }) => SaleWork.Fill({ proof, challenge }),
    Hosting: () => undefined,
    Payout: () => SaleWork.PayOut(),
    Leaving: () => SaleWork.Leave(),
    Clearing: () => SaleWork.Clear(),
    Ended: () => undefined,
  })

export const SaleMachine = { decide, work, restName } as const
