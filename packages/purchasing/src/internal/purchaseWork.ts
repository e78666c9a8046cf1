import { ChainClock } from "@pecia/clock"
import { StorageAsk, StorageRequest } from "@pecia/contracts-abi"
import { backoff, isRetryable, reasonOf, relentlessly, settled } from "@pecia/machine"
import { type InvalidState, Market } from "@pecia/market"
import { Effect, Predicate, type Scope } from "effect"
import { PurchaseFact, PurchaseWork, type RequestEnd } from "../PurchaseState.ts"
import { type Deal, look } from "./look.ts"

const neverAccepted = "The request was never accepted by the chain before it would have expired; nothing was paid."

/** What may work when it is tried again: the chain did not answer, or somebody else used up what we had approved. */
const mayPass = (error: unknown) => Predicate.isTagged(error, "InsufficientAllowance") || isRetryable(error)

/** Does the work of a state. What it sends is `settled`, and it asks the chain before it sends anything. */
export const perform = ({ id, request }: Deal) => {
  /** A transaction whose outcome was lost may have arrived, so the chain has the last word. */
  const unlessArrived = (detail: string) =>
    relentlessly(
      `Request ${id} could not be looked at`,
      Effect.map(look(id), (standing) =>
        standing === "Unknown" ? PurchaseFact.Refused({ detail }) : PurchaseFact.ChainSays({ standing }),
      ),
    )

  const submit = Effect.gen(function* () {
    const market = yield* Market
    const clock = yield* ChainClock
    let approved = false
    const send = Effect.gen(function* () {
      const standing = yield* look(id)
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

  /**
   * Nothing is paid back: it was already, by an earlier run whose answer was lost, or hosts earn the whole price. What was paid back is no
   * longer on the list of the account's requests.
   */
  const nothingLeft = Effect.fnUntraced(function* (end: RequestEnd, refusal: InvalidState) {
    const market = yield* Market
    const isListed = (yield* market.myRequests).includes(id)
    const standing = yield* look(id)
    if (standing !== end) return PurchaseFact.ChainSays({ standing })
    if (end === "Finished") return PurchaseFact.Refunded({ rest: isListed ? "None" : "Unknown" })
    return isListed ? yield* refusal : PurchaseFact.Refunded({ rest: "PaidBack" })
  })

  const refund = Effect.fnUntraced(function* (end: RequestEnd) {
    const market = yield* Market
    const clock = yield* ChainClock
    if (end === "Failed") yield* clock.waitPast(request.expiry)
    const standing = yield* look(id)
    if (standing !== end) return PurchaseFact.ChainSays({ standing })
    return yield* settled(market.withdrawFunds(id)).pipe(
      Effect.as(PurchaseFact.Refunded({ rest: "PaidBack" })),
      Effect.catchTag("InvalidState", (refusal) => nothingLeft(end, refusal)),
    )
  })

  return (work: PurchaseWork): Effect.Effect<PurchaseFact, never, Market | ChainClock | Scope.Scope> =>
    PurchaseWork.$match(work, {
      Request: () => submit,
      Refund: ({ request: end }) => relentlessly(`The refund of request ${id} could not be had`, refund(end)),
    })
}
