import { ChainClock } from "@pecia/clock"
import type { OfferId, OpenRequest, RequestId } from "@pecia/contracts-abi"
import { relentlessly } from "@pecia/machine"
import { OfferEvents, OfferMarket } from "@pecia/market"
import { Effect, Option } from "effect"
import type { BidRequest } from "../Bid.ts"
import type { BidStanding } from "../BidStanding.ts"
import type { BidBook } from "./bidBook.ts"
import { look } from "./look.ts"
import type { OwnOffers } from "./ownOffers.ts"

/** Data consists of whole blocks of so many bytes. */
const blockSize = 65_536n

/** Why a request cannot work, whatever is offered; none: it makes sense. `period`: that of the contract's proofs, in seconds. */
const flawOf = ({ size, duration }: OpenRequest, period: bigint): string | undefined => {
  if (size === 0n || size % blockSize !== 0n) return `its ${size} bytes are not whole blocks of ${blockSize}`
  if (duration < period) return `its ${duration} seconds are less than a period of ${period}`
  return undefined
}

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
  if (request.expiry <= now) return
  const standing = yield* relentlessly(`Request ${requestId} could not be looked at`, look(where, ownOffers))
  if (standing._tag !== "Open") return
  const { config } = yield* OfferMarket
  const { proofs } = yield* relentlessly("The constants of the contract could not be read", config)
  const flaw = flawOf(request, proofs.period)
  if (flaw === undefined) return yield* admit(where)
  yield* Effect.logInfo(`No offer for request ${requestId}: ${flaw}.`)
})

/** The request of a selected offer, if it is ours. */
const ourRequest = Effect.fnUntraced(function* (offerId: OfferId, requestId: RequestId) {
  const market = yield* OfferMarket
  const offer = yield* market.getOffer(offerId)
  if (!Option.exists(offer, ({ host }) => host === market.account)) return Option.none()
  return yield* market.getRequest(requestId)
})

/** The standings in which something is left to do for a contract of ours. */
const due: ReadonlySet<BidStanding["_tag"]> = new Set(["Selected", "Late", "Started", "Payable"])

/** Takes up an offer of ours that was selected although no bid follows it: it was made by an earlier run, or its bid was given up. */
const takeUpOurs = Effect.fnUntraced(function* ({ book, ownOffers }: Intake, offerId: OfferId, requestId: RequestId) {
  const request = yield* relentlessly(`Offer ${offerId} could not be read`, ourRequest(offerId, requestId))
  if (Option.isNone(request)) return
  const where = { requestId, request: request.value }
  const standing = yield* relentlessly(`Request ${requestId} could not be looked at`, look(where, ownOffers))
  if (due.has(standing._tag)) yield* book.takeUp(where)
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
