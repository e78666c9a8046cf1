import { Option, Schema } from "effect"
import { outcomeSentence, PurchaseOutcome } from "./PurchaseOutcome.ts"
import { PurchaseState, type RequestEnd } from "./PurchaseState.ts"

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

const names = { Cancelled: "cancelled", Finished: "finished", Failed: "failed" } as const

const named = (name: PurchaseName) => () => name

/** A purchase of which something is being taken back is called by the end of its request already. */
export const purchaseName = (state: PurchaseState): PurchaseName =>
  PurchaseState.$match(state, {
    Pending: named("pending"),
    Submitted: named("submitted"),
    Started: named("started"),
    Refunding: ({ request }) => names[request],
    Ended: ({ outcome }) =>
      PurchaseOutcome.$match(outcome, {
        Finished: named("finished"),
        Cancelled: named("cancelled"),
        Failed: named("failed"),
        Errored: named("errored"),
      }),
  })

const refunding: { readonly [Request in RequestEnd]: string | undefined } = {
  Finished: undefined,
  Cancelled: "The request was not filled before its expiry; what its hosts did not earn is being taken back.",
  Failed:
    "The request failed, because too many of its slots were lost; what its hosts did not earn is taken back as soon as it has expired.",
}

/** What went wrong, as a sentence. None: nothing has so far. */
export const purchaseError = (state: PurchaseState): Option.Option<string> => {
  if (state._tag === "Refunding") return Option.fromUndefinedOr(refunding[state.request])
  if (state._tag !== "Ended" || state.outcome._tag === "Finished") return Option.none()
  return Option.some(outcomeSentence(state.outcome))
}
