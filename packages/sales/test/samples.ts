import { Address } from "@pecia/contracts-abi"
import { type RequestEnd, SaleFact, SaleOutcome, SaleState, SlotStanding } from "../src/index.ts"

export const other = Address.make(`0x${"b".repeat(40)}`)
const proof = new Uint8Array([7])
const reason = "no space"
const detail = "broken data"

const challenge = "0x01"
const both = [false, true]
const ends: ReadonlyArray<RequestEnd> = ["Cancelled", "Finished", "Failed"]

/** Every kind of standing, outcome, state and fact. */
export const standings: ReadonlyArray<SlotStanding> = [
  ...both.map((started) => SlotStanding.Open({ started })),
  ...both.map((started) => SlotStanding.Mine({ started })),
  SlotStanding.Taken({ host: other }),
  ...ends.map((request) => SlotStanding.Payable({ request })),
  ...ends.map((request) => SlotStanding.Paid({ request })),
  ...[...ends, "Unknown" as const].map((request) => SlotStanding.Over({ request })),
]

export const outcomes: ReadonlyArray<SaleOutcome> = [
  SaleOutcome.Finished(),
  ...both.map((paid) => SaleOutcome.Cancelled({ paid })),
  ...both.map((paid) => SaleOutcome.Failed({ paid })),
  SaleOutcome.Lost({ host: other }),
  SaleOutcome.Ignored({ reason }),
  SaleOutcome.Errored({ detail }),
]

export const states: ReadonlyArray<SaleState> = [
  SaleState.Restoring(),
  ...both.map((mine) => SaleState.Reserving({ mine })),
  ...both.map((mine) => SaleState.Downloading({ mine })),
  SaleState.InitialProving({ attempt: 1, notBefore: 0n }),
  SaleState.Filling({ attempt: 1, proof, challenge }),
  SaleState.Filling({ attempt: 35, proof, challenge }),
  ...both.map((started) => SaleState.Hosting({ started })),
  ...ends.map((request) => SaleState.Payout({ request })),
  ...outcomes.map((outcome) => SaleState.Leaving({ outcome })),
  ...outcomes.map((outcome) => SaleState.Clearing({ outcome })),
  ...outcomes.map((outcome) => SaleState.Ended({ outcome })),
]

export const facts: ReadonlyArray<SaleFact> = [
  ...standings.map((standing) => SaleFact.ChainSays({ standing })),
  ...standings.flatMap((standing) => both.map((reserved) => SaleFact.Found({ standing, reserved }))),
  SaleFact.Reserved(),
  SaleFact.Declined({ reason }),
  SaleFact.Stored(),
  SaleFact.Proven({ proof, challenge }),
  SaleFact.Filled(),
  SaleFact.ProofSpent({ notBefore: 20n }),
  SaleFact.ProofOutdated(),
  SaleFact.ProofRefused({ detail }),
  SaleFact.Left(),
  SaleFact.PaidOut(),
  SaleFact.Cleared(),
  SaleFact.Broken({ detail }),
]

/** A tag and what it carries, short: `Clearing(Lost)`. */
const short = (value: SaleState | SaleFact | SlotStanding): string => {
  const inner = [
    "outcome" in value
      ? `${value.outcome._tag}${"paid" in value.outcome && value.outcome.paid ? ", paid" : ""}`
      : undefined,
    "standing" in value ? short(value.standing) : undefined,
    ...Object.entries(value).flatMap(([key, flag]) => (flag === true ? [key] : [])),
    "request" in value ? value.request : undefined,
    "attempt" in value && value.attempt > 1 ? `attempt ${value.attempt}` : undefined,
  ].filter((part) => part !== undefined)
  return inner.length === 0 ? value._tag : `${value._tag}(${inner.join(", ")})`
}

export { short }
