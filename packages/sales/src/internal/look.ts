import { ChainClock } from "@pecia/clock"
import type { RequestId } from "@pecia/contracts-abi"
import { relentlessly } from "@pecia/machine"
import { type ChainError, Market } from "@pecia/market"
import { Effect, Option, Queue } from "effect"
import type { SaleSlot } from "../SaleSlot.ts"
import { SaleFact } from "../SaleState.ts"
import { type SlotStanding, standingOf } from "../SlotStanding.ts"

/** Asks the chain how a slot stands; again, when the answers are of different moments. */
export const look = Effect.fnUntraced(function* (slot: SaleSlot): Effect.fn.Return<SlotStanding, ChainError, Market> {
  const market = yield* Market
  for (;;) {
    const standing = standingOf({
      account: market.account,
      request: yield* market.requestState(slot.requestId),
      slot: yield* market.slotState(slot.slotId),
      host: yield* market.getHost(slot.slotId),
    })
    if (Option.isSome(standing)) return standing.value
    yield* Effect.sleep("1 second")
  }
})

/** How often the chain is asked although nothing has called for it. */
const heartbeat = "10 minutes"

/** Waits until time alone may have changed how a slot stands. */
const changeOfTime = Effect.fnUntraced(function* (
  { request, requestId }: SaleSlot,
  standing: SlotStanding | undefined,
) {
  if (standing?._tag !== "Open" && standing?._tag !== "Mine") return yield* Effect.sleep(heartbeat)
  const clock = yield* ChainClock
  const now = yield* clock.now
  const limit = standing.started ? yield* endOf(requestId) : request.expiry
  // The limit is over, but the chain does not say so yet.
  if (now > limit) return yield* Effect.sleep("5 seconds")
  yield* Effect.raceFirst(clock.waitPast(limit), Effect.sleep(heartbeat))
})

const endOf = (requestId: RequestId) =>
  relentlessly(
    `The end of request ${requestId} could not be read`,
    Effect.flatMap(Market, (market) => market.requestEnd(requestId)),
  )

/** Asks how the slot stands: now, whenever `pokes` calls for it, and when time may have changed it. */
export const watch = Effect.fnUntraced(function* <R>(
  slot: SaleSlot,
  pokes: Queue.Dequeue<void>,
  tell: (ask: Effect.Effect<SaleFact, never, Market | ChainClock>) => Effect.Effect<void, never, R>,
) {
  let standing: SlotStanding | undefined
  const ask = Effect.gen(function* () {
    standing = yield* relentlessly(`Slot ${slot.slotId} could not be looked at`, look(slot))
    return SaleFact.ChainSays({ standing })
  })
  for (;;) {
    yield* tell(ask)
    yield* Effect.raceFirst(Queue.take(pokes), changeOfTime(slot, standing))
  }
})
