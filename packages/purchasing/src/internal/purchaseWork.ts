import { ChainClock } from "@pecia/clock"
import { StorageAsk, StorageRequest } from "@pecia/contracts-abi"
import { relentlessly, settled, submit } from "@pecia/machine"
import { type InvalidState, Market } from "@pecia/market"
import { Effect, Option, type Scope } from "effect"
import { PurchaseFact, PurchaseWork, type RequestEnd } from "../PurchaseState.ts"
import { type Deal, look } from "./look.ts"

/** Does the work of a state. What it sends is `settled`, and it asks the chain before it sends anything. */
export const perform = ({ id, request }: Deal) => {
  const send = Effect.gen(function* () {
    const market = yield* Market
    const clock = yield* ChainClock
    return yield* submit({
      what: `Request ${id}`,
      look: Effect.map(
        look(id),
        (standing): Option.Option<PurchaseFact> =>
          standing === "Unknown" ? Option.none() : Option.some(PurchaseFact.ChainSays({ standing })),
      ),
      isSensible: Effect.map(clock.now, (now) => StorageRequest.sense(request, { now }).length === 0),
      approve: market.approveFunds(StorageAsk.price(request.ask)),
      send: market.requestStorage(request),
      limit: (sending) => clock.withTimeout(sending, request.expiry),
      arrived: PurchaseFact.Requested(),
      refused: (detail) => PurchaseFact.Refused({ detail }),
    })
  })

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
      Request: () => send,
      Refund: ({ request: end }) => relentlessly(`The refund of request ${id} could not be had`, refund(end)),
    })
}
