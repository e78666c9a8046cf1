import type { ChainClock } from "@pecia/clock"
import type { OfferId } from "@pecia/contracts-abi"
import { patiently, reasonOf, relentlessly, settled } from "@pecia/machine"
import { OfferMarket } from "@pecia/market"
import { Reservations } from "@pecia/reservations"
import { Effect, Option, type Scope, type Semaphore } from "effect"
import type { BidRequest } from "../Bid.ts"
import { BidMachine } from "../BidMachine.ts"
import { BidFact, type BidState, BidWork, type Held } from "../BidState.ts"
import { BidStorage } from "../BidStorage.ts"
import { bidVolume } from "../BidVolume.ts"
import type { OfferingStrategy } from "../OfferingStrategy.ts"
import type { Collateral } from "./collateral.ts"
import { look } from "./look.ts"
import { declined, makeOffer, mayPassWhenAskedAnew, recover, reserve } from "./offerWork.ts"
import type { OwnOffers } from "./ownOffers.ts"

/** What a bid stands on. */
export type BidServices = OfferMarket | ChainClock | Reservations | BidStorage | OfferingStrategy

/** What the bids of a host have in common. */
export interface Workshop {
  readonly collateral: Collateral
  readonly ownOffers: OwnOffers
  /** One permit for each download that may go on. */
  readonly downloads: Semaphore.Semaphore
  /** How long a client may take to decide. */
  readonly patienceSeconds: bigint
}

/** The pause before the chain is asked again that does not show a payout yet. */
const lagPause = "5 seconds"

/** How long the client has to take its money back, before this host does it for the sake of its collateral. */
const clientsTurn = "1 minute"

type Outcome<E> = Effect.Effect<BidFact, E, BidServices | Scope.Scope>

const broken = (error: unknown) => Effect.succeed(BidFact.Broken({ detail: reasonOf(error) }))
const giveUp = <E>(outcome: Outcome<E>) => outcome.pipe(Effect.catch(broken), Effect.catchDefect(broken))

/** Removes what is stored of a request, and returns its space. Nothing there: nothing happens. */
export const clearAway = Effect.fnUntraced(function* (requestId: BidRequest["requestId"]) {
  yield* Effect.flatMap(BidStorage, (storage) => storage.clear(requestId))
  yield* Effect.flatMap(Reservations, (reservations) => reservations.giveBack(bidVolume(requestId)))
})

const restore = Effect.fnUntraced(function* (where: BidRequest, { ownOffers }: Workshop) {
  const { requestId } = where
  const reservation = yield* Effect.flatMap(Reservations, (all) => all.reservation(bidVolume(requestId)))
  // Nothing is fetched before an offer of ours was selected.
  if (Option.exists(reservation, ({ writtenBytes }) => writtenBytes > 0n)) ownOffers.expect(requestId)
  const standing = yield* look(where, ownOffers)
  const held = Option.match(reservation, {
    onNone: (): Held => "Nothing",
    onSome: ({ writtenBytes, sizeBytes }) => (writtenBytes === sizeBytes ? "Data" : "Space"),
  })
  return BidFact.Found({ standing, held })
})

/** Fetches the data in turns, so that no slow client keeps the others waiting for long. */
const store = Effect.fnUntraced(function* ({ requestId, request }: BidRequest, { downloads }: Workshop) {
  const storage = yield* BidStorage
  const turn = Effect.timeoutOption(storage.store(requestId, request), turnMillis(request.size))
  while (Option.isNone(yield* downloads.withPermits(1)(turn))) {
    yield* Effect.logDebug(`The data of request ${requestId} is not here yet; it is the others' turn.`)
  }
  return BidFact.Stored()
})

/** Two minutes, and what it takes to read all that is here already, at 32 MiB per second: a turn that begins with that has to get further. */
const turnMillis = (sizeBytes: bigint) => 120_000 + Number(sizeBytes >> 25n) * 1000

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

const release = Effect.fnUntraced(function* ({ requestId }: BidRequest) {
  const market = yield* OfferMarket
  yield* settled(market.withdrawFunds(requestId))
  return BidFact.Released()
})

const clear = ({ requestId }: BidRequest) => Effect.as(clearAway(requestId), BidFact.Cleared())

/** Does the work of a state; what it sends is `settled`, and it asks the chain before it sends or destroys anything. */
export const perform = (where: BidRequest, workshop: Workshop) => {
  const name = `request ${where.requestId}`

  /** Goes on only if the chain, asked anew, leaves the bid in its state; otherwise what it says is the outcome. */
  const unlessMoved = <E, R>(state: BidState, proceed: Effect.Effect<BidFact, E, R>) =>
    Effect.gen(function* () {
      const fact = BidFact.ChainSays({ standing: yield* look(where, workshop.ownOffers) })
      return BidMachine.decide(state, fact) === state ? yield* proceed : fact
    })

  const offer = (state: BidState) =>
    patiently(`Offering for ${name} failed`, unlessMoved(state, makeOffer(where, workshop)), mayPassWhenAskedAnew).pipe(
      Effect.catchTag("InsufficientCollateral", declined),
    )

  return (work: BidWork, state: BidState): Outcome<never> =>
    BidWork.$match(work, {
      Restore: () => relentlessly(`Restoring the bid on ${name} failed`, restore(where, workshop)),
      Reserve: () => giveUp(patiently(`Holding space for ${name} failed`, reserve(where, workshop))),
      Recover: () => giveUp(patiently(`Holding space for ${name} failed`, recover(where))),
      Offer: () => giveUp(offer(state)),
      Store: ({ started }) => {
        const failed = `Storing the data of ${name} failed`
        // A contract that runs cannot be left: it costs collateral until the data is here, or until it fails.
        return started
          ? relentlessly(failed, store(where, workshop))
          : giveUp(patiently(failed, store(where, workshop)))
      },
      // Until the request expires there is nothing better to do. What was refused because it is done shows when the chain is asked anew.
      Start: ({ offerId }) =>
        relentlessly(`Starting the contract of ${name} failed`, unlessMoved(state, start(offerId))),
      PayOut: ({ offerId }) => relentlessly(`The payout of ${name} failed`, unlessMoved(state, payOut(offerId))),
      Release: () =>
        Effect.sleep(clientsTurn).pipe(
          Effect.andThen(relentlessly(`Releasing the contract of ${name} failed`, unlessMoved(state, release(where)))),
        ),
      Clear: () => relentlessly(`Clearing ${name} failed`, unlessMoved(state, clear(where))),
    })
}
