import { ChainClock } from "@pecia/clock"
import { type OfferId, OpenRequest, type RequestId } from "@pecia/contracts-abi"
import { relentlessly } from "@pecia/machine"
import { OfferEvents, OfferMarket } from "@pecia/market"
import { Effect, Option } from "effect"
import type { BidRequest } from "../Bid.ts"
import type { BidStanding } from "../BidStanding.ts"
import type { BidBook } from "./bidBook.ts"
import { doubting, look } from "./look.ts"
import type { OwnOffers } from "./ownOffers.ts"

/** What reads the market for the bids. */
export interface Intake {
  readonly book: BidBook
  readonly ownOffers: OwnOffers
  /** Takes a request up; waits while too many offers are being made. */
  readonly admit: (where: BidRequest) => Effect.Effect<void>
}

/** Bids on a request, if it can work at all and the client can still select. */
const consider = Effect.fnUntraced(function* ({ admit, ownOffers }: Intake, { requestId, request }: BidRequest) {
  const where = { requestId, request }
  const now = yield* Effect.flatMap(ChainClock, (clock) => clock.now)
  const { account, config } = yield* OfferMarket
  // What this node wants others to keep, as a client, it does not keep for itself.
  if (request.expiry <= now || request.client === account) return
  const standing = yield* relentlessly(`Request ${requestId} could not be looked at`, look(where, ownOffers))
  if (standing._tag !== "Open") return
  const constants = yield* relentlessly("The constants of the contract could not be read", config)
  const flaws = OpenRequest.sense(request, { now, config: constants })
  if (flaws.length === 0) return yield* admit(where)
  yield* Effect.logInfo(`No offer for request ${requestId}: ${flaws.map(({ message }) => message).join(" ")}`)
})

/** The standings in which something is left to do for a contract of ours. */
const due: ReadonlySet<BidStanding["_tag"]> = new Set(["Selected", "Late", "Started", "Payable"])

/** Whether this host has made an offer to the request, or the selected one. */
const isOurs = Effect.fnUntraced(function* (ownOffers: OwnOffers, offerId: OfferId, requestId: RequestId) {
  if (ownOffers.of(requestId) !== undefined) return true
  const market = yield* OfferMarket
  const offer = yield* relentlessly(`Offer ${offerId} could not be read`, market.getOffer(offerId))
  return Option.exists(offer, ({ host }) => host === market.account)
})

/** Takes up an offer of ours that was selected although no bid follows it: it was made by an earlier run, or its bid was given up. */
const takeUpOurs = Effect.fnUntraced(function* ({ book, ownOffers }: Intake, offerId: OfferId, requestId: RequestId) {
  if (!(yield* isOurs(ownOffers, offerId, requestId))) return
  const market = yield* OfferMarket
  const ask = relentlessly(`Request ${requestId} could not be read`, market.getRequest(requestId))
  const takeUp = Effect.fnUntraced(function* (request: OpenRequest) {
    const where = { requestId, request }
    const standing = yield* relentlessly(`Request ${requestId} could not be looked at`, look(where, ownOffers))
    if (due.has(standing._tag)) yield* book.takeUp(where)
  })
  const request = yield* ask
  if (Option.isSome(request)) return yield* takeUp(request.value)
  // A selection without a request cannot be; nobody waits until the chain has made up its mind.
  const later = Effect.flatMap(
    doubting(ask, Option.isNone),
    Option.match({ onNone: () => Effect.void, onSome: takeUp }),
  )
  yield* Effect.forkScoped(later)
})

/**
 * Reads the market from block `fromBlock` on: requests that were made before this node ran, and offers of it that were selected
 * meanwhile, come first. Waits while too many offers are being made; nothing is dropped.
 */
export const takeIn = (fromBlock: bigint, intake: Intake) =>
  Effect.flatMap(OfferMarket, ({ account }) =>
    OfferEvents.follow(
      (event) => {
        switch (event._tag) {
          case "StorageRequested":
            return consider(intake, event)
          case "StorageOffered":
            if (event.offer.host === account) intake.ownOffers.remember(event)
            return Effect.void
          case "OfferSelected":
            return takeUpOurs(intake, event.offerId, event.requestId)
          default:
            return Effect.void
        }
      },
      { fromBlock },
    ),
  )
