import { ChainClock } from "@pecia/clock"
import type { RequestId } from "@pecia/contracts-abi"
import { relentlessly } from "@pecia/machine"
import { type ChainError, Market } from "@pecia/market"
import { Effect, Option, Queue } from "effect"
import type { PurchaseRecord } from "../PurchaseJournal.ts"
import { PurchaseFact } from "../PurchaseState.ts"
import type { RequestStanding } from "../RequestStanding.ts"

/** What stays the same of a purchase. */
export type Deal = Omit<PurchaseRecord, "state">

/** Asks the chain how a request stands. */
export const look = (id: RequestId): Effect.Effect<RequestStanding, ChainError, Market> =>
  Effect.flatMap(Market, (market) =>
    Effect.map(market.requestState(id), (state) => Option.getOrElse(state, () => "Unknown" as const)),
  )

/** How often the chain is asked although nothing has called for it. */
const heartbeat = "1 minute"

/** Waits until time alone may have changed how a request stands: strictly past its expiry or its end. */
const changeOfTime = Effect.fnUntraced(function* ({ id, request }: Deal, standing: RequestStanding | undefined) {
  if (standing !== "New" && standing !== "Started") return yield* Effect.sleep(heartbeat)
  const clock = yield* ChainClock
  const market = yield* Market
  const end = relentlessly(`The end of request ${id} could not be read`, market.requestEnd(id))
  const limit = standing === "Started" ? yield* end : request.expiry
  // The limit is over, but the chain does not say so yet.
  if ((yield* clock.now) > limit) return yield* Effect.sleep("5 seconds")
  yield* Effect.raceFirst(clock.waitPast(limit), Effect.sleep(heartbeat))
})

/** Asks how the request stands: now, whenever `pokes` calls for it, and when time may have changed it. */
export const watch = Effect.fnUntraced(function* <R>(
  deal: Deal,
  pokes: Queue.Dequeue<void>,
  tell: (ask: Effect.Effect<PurchaseFact, never, Market>) => Effect.Effect<void, never, R>,
) {
  let standing: RequestStanding | undefined
  const ask = Effect.gen(function* () {
    standing = yield* relentlessly(`Request ${deal.id} could not be looked at`, look(deal.id))
    return PurchaseFact.ChainSays({ standing })
  })
  for (;;) {
    yield* tell(ask)
    yield* Effect.raceFirst(Queue.take(pokes), changeOfTime(deal, standing))
  }
})
