import { OfferId } from "@pecia/contracts-abi"
import { BidFact, BidOutcome, BidStanding, BidState } from "../src/index.ts"

const offerId = OfferId.make(`0x${"0f".repeat(32)}`)
const reason = "no space"
const detail = "broken data"

const both = [false, true]
const holdings = ["Nothing", "Space", "Data"] as const
const ends = ["Finished", "Failed"] as const

/** Every kind of standing, outcome, state and fact. */
export const standings: ReadonlyArray<BidStanding> = [
  BidStanding.Unknown(),
  ...both.map((offered) => BidStanding.Open({ offered })),
  BidStanding.Over(),
  BidStanding.Taken(),
  BidStanding.Selected({ offerId }),
  BidStanding.Late({ offerId }),
  BidStanding.Released(),
  BidStanding.Started({ offerId, end: 100n }),
  ...ends.map((contract) => BidStanding.Payable({ offerId, contract })),
  BidStanding.Paid({ offerId }),
]

export const outcomes: ReadonlyArray<BidOutcome> = [
  BidOutcome.Finished(),
  BidOutcome.Failed(),
  BidOutcome.NotSelected(),
  BidOutcome.NotStarted(),
  BidOutcome.Declined({ reason }),
  BidOutcome.Errored({ detail }),
]

export const states: ReadonlyArray<BidState> = [
  BidState.Restoring(),
  BidState.Reserving(),
  BidState.Offering(),
  BidState.Offered(),
  ...both.map((started) => BidState.Recovering({ offerId, started })),
  ...both.map((started) => BidState.Downloading({ offerId, started })),
  BidState.Starting({ offerId }),
  BidState.Started({ offerId }),
  ...ends.map((contract) => BidState.Payout({ offerId, contract })),
  BidState.Releasing(),
  ...outcomes.map((outcome) => BidState.Clearing({ outcome })),
  ...outcomes.map((outcome) => BidState.Ended({ outcome })),
]

export const facts: ReadonlyArray<BidFact> = [
  ...standings.map((standing) => BidFact.ChainSays({ standing })),
  ...standings.flatMap((standing) => holdings.map((held) => BidFact.Found({ standing, held }))),
  BidFact.Reserved(),
  BidFact.Declined({ reason }),
  BidFact.Offered(),
  BidFact.Stored(),
  BidFact.Begun(),
  BidFact.PaidOut(),
  BidFact.Released(),
  BidFact.Cleared(),
  BidFact.Broken({ detail }),
]

/** A tag and what it carries, short: `Clearing(Failed)`. */
export const short = (value: BidState | BidFact | BidStanding): string => {
  const inner = [
    "outcome" in value ? value.outcome._tag : undefined,
    "standing" in value ? short(value.standing) : undefined,
    ...Object.entries(value).flatMap(([key, flag]) => (flag === true ? [key] : [])),
    "held" in value ? value.held : undefined,
    "contract" in value ? value.contract : undefined,
  ].filter((part) => part !== undefined)
  return inner.length === 0 ? value._tag : `${value._tag}(${inner.join(", ")})`
}
