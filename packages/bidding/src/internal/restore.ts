import type { OpenRequest } from "@pecia/contracts-abi"
import { relentlessly } from "@pecia/machine"
import { OfferMarket } from "@pecia/market"
import { type Reservation, Reservations } from "@pecia/reservations"
import { Effect, Option } from "effect"
import { BidMachine } from "../BidMachine.ts"
import { BidFact, BidState } from "../BidState.ts"
import type { BidBook, EndedBid } from "./bidBook.ts"
import { clearAway } from "./bidWork.ts"
import { doubting, look } from "./look.ts"
import type { OwnOffers } from "./ownOffers.ts"

/** What stands on space although the chain knows no such request: another chain, or one that was rewound. */
const giveBack = ({ requestId }: Reservation) =>
  relentlessly(
    `The space of request ${requestId} could not be given back`,
    Effect.andThen(
      Effect.logWarning(`The chain knows no request ${requestId}; what was stored of it is removed.`),
      clearAway(requestId),
    ),
  )

/** Takes up the bids that an earlier run of this node left: what it holds space for. */
export const restore = Effect.fnUntraced(function* (book: BidBook) {
  const market = yield* OfferMarket
  const reservations = yield* Reservations
  for (const held of yield* relentlessly("The reservations could not be read", reservations.reservations)) {
    if (held.market !== "OfferMarket") continue
    const { requestId } = held
    const ask = relentlessly(`Request ${requestId} could not be read`, market.getRequest(requestId))
    const takeUp = (request: OpenRequest) => book.takeUp({ requestId, request })
    const request = yield* ask
    if (Option.isSome(request)) yield* takeUp(request.value)
    else {
      const later = doubting(ask, Option.isNone)
      yield* Effect.forkScoped(Effect.flatMap(later, Option.match({ onNone: () => giveBack(held), onSome: takeUp })))
    }
  }
})

/** How many bids that have ended are looked at at the same time. */
const revivals = 8

/** Whether a reorganisation has undone the end of a bid. */
const isRevived = Effect.fnUntraced(function* (bid: EndedBid, ownOffers: OwnOffers) {
  const { requestId, outcome } = bid
  const standing = yield* relentlessly(`Request ${requestId} could not be looked at`, look(bid, ownOffers))
  // Whether the host of a failed contract was paid, only a payout shows.
  if (outcome._tag === "Failed" && standing._tag === "Payable") return true
  const cleared = BidState.Clearing({ outcome })
  return BidMachine.decide(cleared, BidFact.ChainSays({ standing })) !== cleared
})

const revive = (book: BidBook, bids: ReadonlyArray<EndedBid>, ownOffers: OwnOffers) =>
  Effect.forEach(
    bids,
    Effect.fnUntraced(function* (bid) {
      if (yield* isRevived(bid, ownOffers)) yield* book.takeUp(bid)
    }),
    { concurrency: revivals, discard: true },
  )

/** After a reorganisation: all bids that go on ask anew, those that are being cleared once more afterwards. */
export const askAnew = (book: BidBook) =>
  Effect.forEach([...book.active.values()], (bid) => Effect.andThen(book.takeUp(bid), bid.poke), { discard: true })

/** After a reorganisation: takes up the bids whose end it has undone. */
export const reviveAll = (book: BidBook, ownOffers: OwnOffers) =>
  Effect.suspend(() => revive(book, [...book.ended.values()], ownOffers))

/**
 * Takes up bids that have ended although a contract of ours hangs on them: of one that broke, once it is too late to start its contract,
 * which locks collateral until it is released; of one that the chain had forgotten, once it knows it again.
 */
export const reviveOwed = (book: BidBook, ownOffers: OwnOffers) =>
  Effect.suspend(() =>
    revive(
      book,
      [...book.ended.values()].filter(({ requestId }) => ownOffers.isOwed(requestId)),
      ownOffers,
    ),
  )
