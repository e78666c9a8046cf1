import type { RequestId } from "@pecia/contracts-abi"
import { backoff, isRetryable, reasonOf, relentlessly } from "@pecia/machine"
import { Market } from "@pecia/market"
import { Effect, Equal, Option } from "effect"
import { PurchaseJournal } from "../PurchaseJournal.ts"
import { PurchaseMachine } from "../PurchaseMachine.ts"
import { PurchaseOutcome } from "../PurchaseOutcome.ts"
import { PurchaseFact, PurchaseState } from "../PurchaseState.ts"
import { type Deal, look } from "./look.ts"

/** What is known of a request that is on the chain. */
const dealOf = Effect.fnUntraced(function* (id: RequestId) {
  const market = yield* Market
  const request = yield* market.getRequest(id)
  if (Option.isNone(request)) return Option.none<Deal>()
  return Option.some<Deal>({ id, request: request.value })
})

/** The chain lists a finished request until its first host is paid, also when there is nothing to be paid back. */
const paidOut = PurchaseState.Ended({ outcome: PurchaseOutcome.Finished({ rest: "None" }) })

/**
 * How to go on with a request of ours that is on the chain's list. None: the chain does not know it, or there is nothing to be done. Otherwise
 * the journal has been lost, or a reorganisation has undone an end or a refund, or a request arrived that had been given up.
 */
const standingOfOurs = Effect.fnUntraced(function* (id: RequestId) {
  const journal = yield* PurchaseJournal
  const known = yield* journal.get(id)
  const deal = Option.isSome(known) ? known : yield* dealOf(id)
  if (Option.isNone(deal)) return Option.none()
  const standing = yield* look(id)
  if (standing === "Unknown") return Option.none()
  const isSettled = standing === "Finished" && Option.exists(known, (record) => Equal.equals(record.state, paidOut))
  const state = PurchaseMachine.decide(PurchaseState.Submitted(), PurchaseFact.ChainSays({ standing }))
  return isSettled ? Option.none() : Option.some({ ...deal.value, state })
})

/** The same, however long the chain or the journal do not answer. A request that cannot be read is left alone. */
export const adoptable = (id: RequestId) =>
  standingOfOurs(id).pipe(
    Effect.tapError((error) =>
      Effect.logWarning(`Request ${id} of this account could not be taken up: ${reasonOf(error)}`),
    ),
    Effect.retry({ schedule: backoff, while: isRetryable }),
    Effect.orElseSucceed(() => Option.none()),
  )

/** The unsettled requests of this account. */
export const requestsOnChain = Effect.flatMap(Market, (market) =>
  relentlessly("The requests of this account could not be read", market.myRequests),
)
