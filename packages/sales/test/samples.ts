import { Address } from "@pecia/contracts-abi"
import { SaleFact, SaleOutcome, SaleState, SlotStanding } from "../src/index.ts"

export const other = Address.make(`0x${"b".repeat(40)}`)
const proof = new Uint8Array([7])
const reason = "no space"
const detail = "broken data"

/** Every kind of standing, outcome, state and fact. */
export const standings: ReadonlyArray<SlotStanding> = [
  SlotStanding.Open({ started: false, closing: false }),
  SlotStanding.Open({ started: true, closing: false }),
  SlotStanding.Open({ started: false, closing: true }),
  SlotStanding.Mine({ started: false, expiring: false }),
  SlotStanding.Mine({ started: true, expiring: false }),
  SlotStanding.Mine({ started: false, expiring: true }),
  SlotStanding.Taken({ host: other }),
  SlotStanding.Payable({ cancelled: false }),
  SlotStanding.Payable({ cancelled: true }),
  SlotStanding.Doomed(),
  SlotStanding.Paid(),
  ...(["Cancelled", "Finished", "Failed", "Unknown"] as const).map((request) => SlotStanding.Over({ request })),
]

export const outcomes: ReadonlyArray<SaleOutcome> = [
  SaleOutcome.Finished(),
  SaleOutcome.Cancelled(),
  SaleOutcome.Failed(),
  SaleOutcome.Lost({ host: other }),
  SaleOutcome.Ignored({ reason }),
  SaleOutcome.Errored({ detail }),
]

const both = [false, true]

export const states: ReadonlyArray<SaleState> = [
  SaleState.Restoring(),
  ...both.map((mine) => SaleState.Reserving({ mine })),
  ...both.map((mine) => SaleState.Downloading({ mine })),
  SaleState.InitialProving({ attempt: 1, notBefore: 0n }),
  SaleState.Filling({ attempt: 1, proof }),
  SaleState.Filling({ attempt: 3, proof }),
  ...both.map((started) => SaleState.Hosting({ started })),
  ...both.map((cancelled) => SaleState.Payout({ cancelled })),
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
  SaleFact.Proven({ proof }),
  SaleFact.Filled(),
  SaleFact.ProofSpent({ notBefore: 20n }),
  SaleFact.ProofRefused({ detail }),
  SaleFact.Left(),
  SaleFact.PaidOut(),
  SaleFact.Cleared(),
  SaleFact.Broken({ detail }),
]

/** A tag and what it carries, short: `Clearing(Lost)`. */
const short = (value: SaleState | SaleFact | SlotStanding): string => {
  const inner = [
    "outcome" in value ? value.outcome._tag : undefined,
    "standing" in value ? short(value.standing) : undefined,
    ...Object.entries(value).flatMap(([key, flag]) => (flag === true ? [key] : [])),
    "request" in value ? value.request : undefined,
    "attempt" in value && value.attempt > 1 ? `attempt ${value.attempt}` : undefined,
  ].filter((part) => part !== undefined)
  return inner.length === 0 ? value._tag : `${value._tag}(${inner.join(", ")})`
}

export { short }
