import { Option, Schema } from "effect"
import { outcomeSentence, PurchaseOutcome } from "./PurchaseOutcome.ts"
import { PurchaseState } from "./PurchaseState.ts"

/** The names that REST shows. No purchase of ours is `unknown`: a restored one goes by the name it had. */
export const PurchaseName = Schema.Literals([
  "pending",
  "submitted",
  "started",
  "finished",
  "cancelled",
  "failed",
  "errored",
  "unknown",
])
export type PurchaseName = typeof PurchaseName.Type

const named = (name: PurchaseName) => () => name

/** A purchase whose price is being taken back is cancelled already. */
export const purchaseName = (state: PurchaseState): PurchaseName =>
  PurchaseState.$match(state, {
    Pending: named("pending"),
    Submitted: named("submitted"),
    Started: named("started"),
    Refunding: named("cancelled"),
    Ended: ({ outcome }) =>
      PurchaseOutcome.$match(outcome, {
        Finished: named("finished"),
        Cancelled: named("cancelled"),
        Failed: named("failed"),
        Errored: named("errored"),
      }),
  })

/** What went wrong, as a sentence. None: nothing has so far. */
export const purchaseError = (state: PurchaseState): Option.Option<string> => {
  if (state._tag === "Refunding") {
    return Option.some("The request was not filled before its expiry; its price is being taken back.")
  }
  if (state._tag !== "Ended" || state.outcome._tag === "Finished") return Option.none()
  return Option.some(outcomeSentence(state.outcome))
}
