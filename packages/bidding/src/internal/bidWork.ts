import type { ChainClock } from "@pecia/clock"
import { Offer, type OfferId } from "@pecia/contracts-abi"
import { patiently, reasonOf, relentlessly, settled } from "@pecia/machine"
import { OfferMarket } from "@pecia/market"
import { Reservations, SlotDemand } from "@pecia/reservations"
import { Effect, Option, type Scope, type Semaphore } from "effect"
import type { BidRequest } from "../Bid.ts"
import { BidMachine } from "../BidMachine.ts"
import { BidFact, type BidState, BidWork, type Held } from "../BidState.ts"
import { BidStorage } from "../BidStorage.ts"
import { bidVolume } from "../BidVolume.ts"
import { OfferDeclined, OfferingStrategy } from "../OfferingStrategy.ts"
import type { Collateral } from "./collateral.ts"
import { look } from "./look.ts"
import type { OwnOffers } from "./ownOffers.ts"

/** What a bid stands on. */
export type BidServices = OfferMarket | ChainClock | Reservations | BidStorage | OfferingStrategy

/** What the bids of a host have in common. */
export interface Workshop {
  readonly collateral: Collateral
  readonly ownOffers: OwnOffers
  /** One permit for each download that may go on. */
  readonly downloads: Semaphore.Semaphore
}

/** The pause before the chain is asked again that does not show a payout yet. */
const lagPause = "5 seconds"

/** How long the client has to take its money back, before this host does it for the sake of its collateral. */
const clientsTurn = "1 minute"

type Outcome<E> = Effect.Effect<BidFact, E, BidServices | Scope.Scope>

const declined = ({ message }: { readonly message: string }) => Effect.succeed(BidFact.Declined({ reason: message }))
const broken = (error: unknown) => Effect.succeed(BidFact.Broken({ detail: reasonOf(error) }))
const giveUp = <E>(outcome: Outcome<E>) => outcome.pipe(Effect.catch(broken), Effect.catchDefect(broken))

/** Removes what is stored of a request, and returns its space. Nothing there: nothing happens. */
export const clearAway = Effect.fnUntraced(function* (requestId: BidRequest["requestId"]) {
  yield* Effect.flatMap(BidStorage, (storage) => storage.clear(requestId))
  yield* Effect.flatMap(Reservations, (reservations) => reservations.giveBack(bidVolume(requestId)))
})

/** Does the work of a state; what it sends is `settled`, and it asks the chain before it sends or destroys anything. */
export const perform = (where: BidRequest, { collateral, ownOffers, downloads }: Workshop) => {
  const { requestId, request } = where
  const volume = bidVolume(requestId)
  const name = `request ${requestId}`

  /** Goes on only if the chain, asked anew, leaves the bid in its state; otherwise what it says is the outcome. */
  const unlessMoved = <E, R>(state: BidState, proceed: Effect.Effect<BidFact, E, R>) =>
    Effect.gen(function* () {
      const fact = BidFact.ChainSays({ standing: yield* look(where, ownOffers) })
      return BidMachine.decide(state, fact) === state ? yield* proceed : fact
    })

  const restore = Effect.gen(function* () {
    const reservations = yield* Reservations
    const standing = yield* look(where, ownOffers)
    const held = Option.match(yield* reservations.reservation(volume), {
      onNone: (): Held => "Nothing",
      onSome: ({ writtenBytes, sizeBytes }) => (writtenBytes === sizeBytes ? "Data" : "Space"),
    })
    return BidFact.Found({ standing, held })
  })

  const hold = Effect.gen(function* () {
    const { config } = yield* OfferMarket
    const reservations = yield* Reservations
    yield* reservations.reserve(
      new SlotDemand({
        market: "OfferMarket",
        requestId,
        slotIndex: 0n,
        slotId: volume,
        sizeBytes: request.size,
        durationSeconds: request.duration,
        pricePerSecond: request.maxPrice / request.duration,
        collateral: (yield* config).collateral.initialAmount,
        endSeconds: request.expiry + request.duration,
      }),
    )
  }).pipe(Effect.catchTag("AlreadyReserved", () => Effect.void))

  const reserve = collateral
    .beforeReserving(requestId, hold)
    .pipe(Effect.as(BidFact.Reserved()), Effect.catchTag(["NoMatch", "CollateralTooLow"], declined))

  const recover = hold.pipe(Effect.as(BidFact.Reserved()), Effect.catchTag("NoMatch", declined))

  /** Token base units: the least for which the space that is held would be let. */
  const cost = Effect.gen(function* () {
    const reservations = yield* Reservations
    const held = yield* reservations.reservation(volume)
    if (Option.isNone(held)) return yield* new OfferDeclined({ reason: "The space that was held for it is gone." })
    const { minPricePerBytePerSecond } = yield* reservations.availability(held.value.availabilityId)
    return minPricePerBytePerSecond * request.size * request.duration
  })

  /** A function of the price, so that after a restart the same offer is made again, and found. */
  const composeOffer = Effect.gen(function* () {
    const strategy = yield* OfferingStrategy
    const { account } = yield* OfferMarket
    const price = yield* strategy.price({ requestId, request, cost: yield* cost })
    const offer = new Offer({ host: account, requestId, price, expiry: request.expiry })
    return { offerId: Offer.id(offer), offer }
  })

  const makeOffer = Effect.gen(function* () {
    const market = yield* OfferMarket
    const own = yield* composeOffer
    if (Option.isNone(yield* market.getOffer(own.offerId))) {
      yield* settled(collateral.cover(requestId))
      yield* settled(market.offerStorage(own.offer)).pipe(Effect.catchTag("OfferAlreadyExists", () => Effect.void))
    }
    ownOffers.remember(own)
    return BidFact.Offered()
  }).pipe(Effect.catchTag(["OfferDeclined", "CollateralTooLow", "MaxLocksReached", "PriceTooHigh"], declined))

  const store = Effect.gen(function* () {
    const storage = yield* BidStorage
    yield* downloads.withPermits(1)(storage.store(requestId, request))
    return BidFact.Stored()
  })

  const start = Effect.fnUntraced(function* (offerId: OfferId) {
    const market = yield* OfferMarket
    yield* settled(market.startContract(offerId))
    return BidFact.Begun()
  })

  const payOut = Effect.fnUntraced(function* (offerId: OfferId) {
    const market = yield* OfferMarket
    yield* settled(market.finishContract(offerId)).pipe(
      // It was paid before; where the block that was looked at is older than that, it is asked for again, with a pause.
      Effect.catchTag("ContractNotStarted", () => Effect.sleep(lagPause)),
    )
    return BidFact.PaidOut()
  })

  const release = Effect.gen(function* () {
    const market = yield* OfferMarket
    yield* settled(market.withdrawFunds(requestId))
    return BidFact.Released()
  })

  return (work: BidWork, state: BidState): Outcome<never> =>
    BidWork.$match(work, {
      Restore: () => relentlessly(`Restoring the bid on ${name} failed`, restore),
      Reserve: () => giveUp(patiently(`Holding space for ${name} failed`, reserve)),
      Recover: () => giveUp(patiently(`Holding space for ${name} failed`, recover)),
      Offer: () =>
        giveUp(patiently(`Offering for ${name} failed`, unlessMoved(state, makeOffer), mayPassWhenAskedAnew)),
      Store: ({ started }) => {
        const failed = `Storing the data of ${name} failed`
        // A contract that runs cannot be left: it costs collateral until the data is here, or until it fails.
        return started ? relentlessly(failed, store) : giveUp(patiently(failed, store))
      },
      // Until the request expires there is nothing better to do. What was refused because it is done shows when the chain is asked anew.
      Start: ({ offerId }) =>
        relentlessly(`Starting the contract of ${name} failed`, unlessMoved(state, start(offerId))),
      PayOut: ({ offerId }) => relentlessly(`The payout of ${name} failed`, unlessMoved(state, payOut(offerId))),
      Release: () =>
        Effect.sleep(clientsTurn).pipe(
          Effect.andThen(relentlessly(`Releasing the contract of ${name} failed`, unlessMoved(state, release))),
        ),
      Clear: () =>
        relentlessly(`Clearing ${name} failed`, unlessMoved(state, Effect.as(clearAway(requestId), BidFact.Cleared()))),
    })
}

/** Either the chain has moved on in between, which shows when it is asked anew, or the collateral was slashed and is topped up. */
const mayPassWhenAskedAnew = (error: { readonly _tag: string }) =>
  error._tag === "InsufficientCollateral" || error._tag === "RequestExpired" || error._tag === "UnknownRequest"
