import { ChainClock } from "@pecia/clock"
import { relentlessly } from "@pecia/machine"
import { type ChainError, OfferMarket } from "@pecia/market"
import { Effect, Option, Queue } from "effect"
import type { AuctionRecord } from "../AuctionJournal.ts"
import { type AuctionAnswers, type AuctionStanding, standingOf } from "../AuctionStanding.ts"
import { AuctionFact } from "../AuctionState.ts"

/** What stays the same of an auction. */
export type Deal = Omit<AuctionRecord, "block" | "state" | "since">

/** The selected offer and its contract. None: none was selected, or a reorganisation came in between. */
const selectedOf = Effect.fnUntraced(function* ({ id }: Deal) {
  const market = yield* OfferMarket
  const selected = yield* market.selectedOffer(id)
  if (Option.isNone(selected)) return Option.none()
  const offerId = selected.value
  const offer = yield* market.getOffer(offerId)
  const state = yield* market.contractState(offerId)
  const end = yield* market.proofEnd(offerId)
  return Option.map(offer, (offer) => ({ candidate: { offerId, offer }, state, end }))
})

/** Asks the chain how an auction stands; again, when the answers are of different moments. The time first: it does not go back. */
export const look = Effect.fnUntraced(function* (
  deal: Deal,
): Effect.fn.Return<AuctionStanding, ChainError, OfferMarket | ChainClock> {
  const market = yield* OfferMarket
  const clock = yield* ChainClock
  for (;;) {
    const answers: AuctionAnswers = {
      now: yield* clock.now,
      isKnown: Option.isSome(yield* market.getRequest(deal.id)),
      selected: yield* selectedOf(deal),
    }
    const standing = standingOf(deal.request, answers)
    if (Option.isSome(standing)) return standing.value
    yield* Effect.sleep("1 second")
  }
})

/** How often the chain is asked although nothing has called for it. */
const heartbeat = "1 minute"

/** Waits until time alone may have changed how an auction stands: from its expiry on, or strictly past the end of its contract. */
const changeOfTime = Effect.fnUntraced(function* ({ request }: Deal, standing: AuctionStanding | undefined) {
  const clock = yield* ChainClock
  const until = (time: bigint) => Effect.raceFirst(clock.waitUntil(time), Effect.sleep(heartbeat))
  if (standing?._tag === "Open" || standing?._tag === "Selected") return yield* until(request.expiry)
  if (standing?._tag === "Started") return yield* until(standing.end + 1n)
  yield* Effect.sleep(heartbeat)
})

/** Asks how the auction stands: now, whenever `pokes` calls for it, and when time may have changed it. */
export const watch = Effect.fnUntraced(function* <R>(
  deal: Deal,
  look: Effect.Effect<AuctionStanding, ChainError, OfferMarket | ChainClock>,
  pokes: Queue.Dequeue<void>,
  tell: (ask: Effect.Effect<AuctionFact, never, OfferMarket | ChainClock>) => Effect.Effect<void, never, R>,
) {
  let standing: AuctionStanding | undefined
  const ask = Effect.gen(function* () {
    standing = yield* relentlessly(`Auction ${deal.id} could not be looked at`, look)
    return AuctionFact.ChainSays({ standing })
  })
  for (;;) {
    yield* tell(ask)
    yield* Effect.raceFirst(Queue.take(pokes), changeOfTime(deal, standing))
  }
})
