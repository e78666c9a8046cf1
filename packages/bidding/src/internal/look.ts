import { ChainClock } from "@pecia/clock"
import type { OfferId } from "@pecia/contracts-abi"
import { relentlessly } from "@pecia/machine"
import { type ChainError, OfferMarket } from "@pecia/market"
import { Effect, Option, Queue } from "effect"
import type { BidRequest } from "../Bid.ts"
import { BidStanding, selectedStanding, unselected } from "../BidStanding.ts"
import { BidFact } from "../BidState.ts"
import type { OwnOffers } from "./ownOffers.ts"

type Answer = Effect.Effect<Option.Option<BidStanding>, ChainError, OfferMarket | ChainClock>

/** Nothing is selected. */
const lookAtRequest = Effect.fnUntraced(function* ({ requestId }: BidRequest, ownOffers: OwnOffers) {
  const market = yield* OfferMarket
  const request = yield* market.getRequest(requestId)
  if (Option.isNone(request)) return Option.some(BidStanding.Unknown())
  const own = ownOffers.of(requestId)
  const offered = own !== undefined && Option.isSome(yield* market.getOffer(own.offerId))
  const now = yield* Effect.flatMap(ChainClock, (clock) => clock.now)
  return Option.some(unselected(now, request.value.expiry, offered))
})

const lookAtContract = Effect.fnUntraced(function* (
  { request: { expiry } }: BidRequest,
  ownOffers: OwnOffers,
  offerId: OfferId,
) {
  const market = yield* OfferMarket
  const offer = yield* market.getOffer(offerId)
  if (Option.isNone(offer)) return Option.none()
  // The one that counts, whichever we remembered.
  if (offer.value.host === market.account) ownOffers.remember({ offerId, offer: offer.value })
  const selection = {
    offerId,
    offer: offer.value,
    contract: yield* market.contractState(offerId),
    proofEnd: yield* market.proofEnd(offerId),
  }
  const now = yield* Effect.flatMap(ChainClock, (clock) => clock.now)
  return selectedStanding({ account: market.account, now, expiry, selection })
})

/** How long an answer has to stand that is hard to believe: looks, and the pause between two. Ten minutes. */
const mostLooks = 60
const pause = "10 seconds"

/** Asks again and again while the answer is hard to believe: a node of the chain that synchronises knows nothing for a while. */
export const doubting = Effect.fnUntraced(function* <A, E, R>(
  ask: Effect.Effect<A, E, R>,
  isDoubtful: (answer: A) => boolean,
) {
  for (let looks = 0; ; looks++) {
    const answer = yield* ask
    if (looks === mostLooks || !isDoubtful(answer)) return answer
    yield* Effect.sleep(pause)
  }
})

/** Asks again when the answers are of different moments. */
const lookNow = Effect.fnUntraced(function* (where: BidRequest, ownOffers: OwnOffers) {
  const market = yield* OfferMarket
  for (;;) {
    const selected = yield* market.selectedOffer(where.requestId)
    const answer: Answer = Option.match(selected, {
      onNone: () => lookAtRequest(where, ownOffers),
      onSome: (offerId) => lookAtContract(where, ownOffers, offerId),
    })
    const standing = yield* answer
    if (Option.isSome(standing)) return standing.value
    yield* Effect.sleep("1 second")
  }
})

/** Asks the chain how a request stands. That it knows nothing of a contract of ours has to stand for a while before it is believed. */
export const look = Effect.fnUntraced(function* (where: BidRequest, ownOffers: OwnOffers) {
  const standing = yield* doubting(
    lookNow(where, ownOffers),
    ({ _tag }) => (_tag === "Unknown" || _tag === "Over") && ownOffers.isHeld(where.requestId),
  )
  ownOffers.saw(where.requestId, standing)
  return standing
})

/** How often the chain is asked although nothing has called for it. */
const heartbeat = "10 minutes"

/** Unix seconds from which on time alone changes how a request stands: nothing can be selected or started, the contract is over. */
const limitOf = ({ request }: BidRequest, standing: BidStanding | undefined): bigint | undefined => {
  switch (standing?._tag) {
    case "Open":
    case "Selected":
      return request.expiry
    case "Started":
      return standing.end + 1n
    default:
      return undefined
  }
}

/** Waits until time alone may have changed how a request stands. */
const changeOfTime = Effect.fnUntraced(function* (where: BidRequest, standing: BidStanding | undefined) {
  const limit = limitOf(where, standing)
  if (limit === undefined) return yield* Effect.sleep(heartbeat)
  const clock = yield* ChainClock
  yield* Effect.raceFirst(clock.waitUntil(limit), Effect.sleep(heartbeat))
})

/** Asks how the request stands: now, whenever `pokes` calls for it, and when time may have changed it. */
export const watch = Effect.fnUntraced(function* <R>(
  where: BidRequest,
  ownOffers: OwnOffers,
  pokes: Queue.Dequeue<void>,
  tell: (ask: Effect.Effect<BidFact, never, OfferMarket | ChainClock>) => Effect.Effect<void, never, R>,
) {
  let standing: BidStanding | undefined
  const ask = Effect.gen(function* () {
    standing = yield* relentlessly(`Request ${where.requestId} could not be looked at`, look(where, ownOffers))
    return BidFact.ChainSays({ standing })
  })
  for (;;) {
    yield* tell(ask)
    yield* Effect.raceFirst(Queue.take(pokes), changeOfTime(where, standing))
  }
})
