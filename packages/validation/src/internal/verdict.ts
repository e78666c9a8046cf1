import type { Period, SlotId } from "@pecia/contracts-abi"
import { ChainError } from "@pecia/market"
import { Cause, Effect } from "effect"
import type { MarkedMarket } from "./markedMarket.ts"

/** What an attempt to mark a proof as missing comes to. */
export type Verdict =
  | { readonly _tag: "Marked" | "AlreadyMarked" | "Proven" | "NotRequired" | "NotKept" | "TooEarly" | "TooLate" }
  | { readonly _tag: "Failed"; readonly detail: string; readonly mayPass: boolean }

const is = (_tag: Exclude<Verdict["_tag"], "Failed">) => () => Effect.succeed<Verdict>({ _tag })

/** Marks the proof, if it can be marked. */
export const verdictOf = (market: MarkedMarket, slotId: SlotId, period: Period): Effect.Effect<Verdict> =>
  market.mark(slotId, period).pipe(
    Effect.as<Verdict>({ _tag: "Marked" }),
    Effect.catchTags({
      ProofAlreadyMarked: is("AlreadyMarked"),
      ProofNotMissing: is("Proven"),
      ProofNotRequired: is("NotRequired"),
      SlotNotAcceptingProofs: is("NotKept"),
      PeriodNotEnded: is("TooEarly"),
      ValidationTimedOut: is("TooLate"),
    }),
    Effect.catchCause((cause) => {
      const error = Cause.squash(cause)
      const mayPass = !(error instanceof ChainError) || error.isRetryable
      return Effect.succeed<Verdict>({ _tag: "Failed", detail: messageOf(cause), mayPass })
    }),
  )

export const messageOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  return error instanceof Error ? error.message : String(error)
}
