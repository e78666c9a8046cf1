import { ChainClock } from "@pecia/clock"
import { StorageAsk, StorageRequest } from "@pecia/contracts-abi"
import { Market } from "@pecia/market"
import { Effect, Predicate, type Scope } from "effect"
import { PurchaseFact, PurchaseWork } from "../PurchaseState.ts"
import { type Deal, look } from "./look.ts"
import { backoff, isRetryable, reasonOf, relentlessly } from "./retrying.ts"
import { settled } from "./settled.ts"

const neverAccepted = "The request was never accepted by the chain before it would have expired; nothing was paid."

/** What may work when it is tried again: the chain did not answer, or somebody else used up what we had approved. */
const mayPass = (error: unknown) => Predicate.isTagged(error, "InsufficientAllowance") || isRetryable(error)

/** Does the work of a state. What it sends is `settled`, and it asks the chain before it sends anything. */
export const perform = (deal: Deal) => {
  const { id, request } = deal

  /** A transaction whose outcome was lost may have arrived, so the chain has the last word. */
  const unlessArrived = (detail: string) =>
    relentlessly(
      `Request ${id} could not be looked at`,
      Effect.map(look(deal), (standing) =>
        standing === "Unknown" ? PurchaseFact.Refused({ detail }) : PurchaseFact.ChainSays({ standing }),
      ),
    )

  const submit = Effect.gen(function* () {
    const market = yield* Market
    const clock = yield* ChainClock
    let approved = false
    const send = Effect.gen(function* () {
      const standing = yield* look(deal)
      if (standing !== "Unknown") return PurchaseFact.ChainSays({ standing })
      if (StorageRequest.sense(request, { now: yield* clock.now }).length > 0) {
        return PurchaseFact.Refused({ detail: neverAccepted })
      }
      if (!approved) yield* settled(market.approveFunds(StorageAsk.price(request.ask)))
      approved = true
      yield* settled(market.requestStorage(request))
      return PurchaseFact.Requested()
    }).pipe(
      Effect.tapErrorTag("InsufficientAllowance", () =>
        Effect.sync(() => {
          approved = false
        }),
      ),
      Effect.tapError((error) => Effect.logWarning(`Request ${id} could not be sent: ${reasonOf(error)}`)),
      Effect.retry({ schedule: backoff, while: mayPass }),
    )
    return yield* clock.withTimeout(send, request.expiry)
  }).pipe(
    Effect.catchTag("RequestAlreadyExists", () => Effect.succeed(PurchaseFact.Requested())),
    Effect.catchTag("TimedOut", () => unlessArrived(neverAccepted)),
    Effect.catch((error) => unlessArrived(reasonOf(error))),
    Effect.catchDefect((defect) => unlessArrived(reasonOf(defect))),
  )

  const refund = Effect.gen(function* () {
    const market = yield* Market
    const standing = yield* look(deal)
    if (standing !== "Cancelled") return PurchaseFact.ChainSays({ standing })
    yield* settled(market.withdrawFunds(id))
    return PurchaseFact.Refunded()
  }).pipe(
    // The price is gone: paid back already, as long as the chain still says cancelled; otherwise a host came first.
    Effect.catchTag("InvalidState", () =>
      Effect.map(look(deal), (standing) =>
        standing === "Cancelled" ? PurchaseFact.Refunded() : PurchaseFact.ChainSays({ standing }),
      ),
    ),
  )

  return (work: PurchaseWork): Effect.Effect<PurchaseFact, never, Market | ChainClock | Scope.Scope> =>
    PurchaseWork.$match(work, {
      Request: () => submit,
      Refund: () => relentlessly(`The price of request ${id} could not be taken back`, refund),
    })
}
