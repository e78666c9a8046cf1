import type { ChainClock } from "@pecia/clock"
import type { OfferId, OpenRequest, RequestId } from "@pecia/contracts-abi"
import { type AccountLocked, type ChainError, type OfferEvent, OfferEvents, type OfferMarket } from "@pecia/market"
import { type Reservation, Reservations, type ReservationsError } from "@pecia/reservations"
import { Array as Arr, Context, Effect, Layer, Option, Queue, Schedule, Semaphore, Stream } from "effect"
import type { Bid, BidRequest, OwnOffer } from "./Bid.ts"
import { BidMachine } from "./BidMachine.ts"
import type { BidName } from "./BidName.ts"
import { type BidOutcome, BidState, outcomeSentence } from "./BidState.ts"
import type { BidStorage } from "./BidStorage.ts"
import { bidVolume } from "./BidVolume.ts"
import { type BidBook, makeBidBook } from "./internal/bidBook.ts"
import { makeCollateral } from "./internal/collateral.ts"
import { takeIn } from "./internal/intake.ts"
import { OwnOffers } from "./internal/ownOffers.ts"
import { askAnew, restore, reviveAll, reviveOwed } from "./internal/restore.ts"
import { makeShelf } from "./internal/shelf.ts"
import type { OfferingStrategy } from "./OfferingStrategy.ts"

/** A bid, as it stands now. */
export interface BidReport extends BidRequest {
  /** What is offered on the chain, by this host; none yet. Of several offers the selected one, or the latest. */
  readonly offer: Option.Option<OwnOffer>
  readonly state: BidState
  /** The state, as REST calls it. */
  readonly name: BidName
  /** The space that is held. */
  readonly reservation: Option.Option<Reservation>
}

/** A contract that this host has started and that goes on. */
export interface StartedContract {
  readonly offerId: OfferId
  readonly request: OpenRequest
}

export interface BiddingOptions {
  /** How much data is fetched at the same time; default 3 requests'. */
  readonly downloads?: number
  /** How many requests that were declined are remembered, to be looked at again; default 256. */
  readonly capacity?: number
  /** How long a client may take to decide: requests that expire later than so many seconds from now are declined until they do not; default a day. */
  readonly patienceSeconds?: bigint
  /** From which block on the market is read, so that what happened while this node was down is found; default 0. */
  readonly fromBlock?: bigint
}

/** The bids of a host: offers on open requests, keeps what was selected until it is paid, and takes all up again after a restart. */
export class Bidding extends Context.Service<
  Bidding,
  {
    /** The bids that go on. Asks no chain. */
    readonly bids: Effect.Effect<ReadonlyArray<BidReport>, ReservationsError>
    /** The bid on a request, or how it has ended as long as that is remembered. */
    readonly bid: (requestId: RequestId) => Effect.Effect<Option.Option<BidReport>, ReservationsError>
    /** The latest 1000 ended bids, the oldest first, then the requests that are declined for now. None is left out whose contract is neither paid nor released. */
    readonly ended: Effect.Effect<ReadonlyArray<BidReport>>
    /** The contracts that owe proofs. */
    readonly contracts: Effect.Effect<ReadonlyArray<StartedContract>>
    /** Looks again, at once, at the requests that were declined; without it that happens each minute. */
    readonly reconsider: Effect.Effect<void>
    /** Takes the whole collateral back; not while a contract is kept or an offer is open. */
    readonly withdrawCollateral: Effect.Effect<void, AccountLocked | ChainError>
  }
>()("@pecia/bidding/Bidding") {
  static readonly layer = (
    options: BiddingOptions = {},
  ): Layer.Layer<Bidding, never, OfferMarket | ChainClock | Reservations | BidStorage | OfferingStrategy> =>
    Layer.effect(Bidding, make(options))
}

/** How often the requests that were declined are looked at again although nobody called for it: no event tells of tokens. */
const secondLook = "1 minute"

/** How often bids that have ended are looked at again whose contracts are neither paid nor released. */
const reunion = "10 minutes"

/** How many requests can be between the first look and the offer. */
const mostInTheMaking = 8

const isInTheMaking = ({ _tag }: BidState) => _tag === "Restoring" || _tag === "Reserving" || _tag === "Offering"

/** Runs an effect in the background when it is called for; calls that come while it runs lead to one more run. */
const coalesced = Effect.fnUntraced(function* <R>(effect: Effect.Effect<void, never, R>) {
  const calls = yield* Queue.sliding<void>(1)
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Queue.take(calls), effect)))
  return Effect.asVoid(Queue.offer(calls, undefined))
})

const aDay = 86_400n

const make = Effect.fnUntraced(function* ({
  downloads = 3,
  capacity = 256,
  patienceSeconds = aDay,
  fromBlock = 0n,
}: BiddingOptions) {
  const reservations = yield* Reservations
  const ownOffers = new OwnOffers()
  const collateral = yield* makeCollateral(ownOffers)
  const shelf = makeShelf(capacity, ownOffers)
  const making = yield* Semaphore.make(mostInTheMaking)
  const scope = yield* Effect.scope

  const reconsider = yield* coalesced(
    Effect.suspend(() => Effect.forEach([...shelf.shelved.values()], admit, { discard: true })),
  )

  const onEnd = Effect.fnUntraced(function* (bid: Bid, outcome: BidOutcome): Effect.fn.Return<void> {
    if (outcome._tag === "Declined") return yield* shelf.put(bid, outcome.reason)
    shelf.forget(bid)
    yield* Effect.logInfo(`Bid on request ${bid.requestId} has ended: ${outcomeSentence(outcome)}`)
    // Space that a declined bid returns is as it was before.
    if (yield* bid.gaveBack) yield* reconsider
  })

  const book = yield* makeBidBook({
    workshop: { collateral, ownOffers, downloads: yield* Semaphore.make(downloads), patienceSeconds },
    onEnd,
  })

  const revive = yield* coalesced(reviveAll(book, ownOffers))

  const admit = Effect.fnUntraced(function* (where: BidRequest) {
    yield* making.take(1)
    shelf.take(where)
    const bid = yield* book.takeUp(where)
    const made = bid.states.pipe(
      Stream.filter((state) => !isInTheMaking(state)),
      Stream.runHead,
    )
    yield* Effect.forkIn(Effect.ensuring(made, making.release(1)), scope)
  })

  yield* Effect.forkScoped(
    OfferEvents.follow((event) =>
      event._tag === "ChainReorganised" ? Effect.andThen(askAnew(book), revive) : notify(book, ownOffers, event),
    ),
    { startImmediately: true },
  )
  yield* Effect.forkScoped(
    Effect.gen(function* () {
      yield* restore(book)
      yield* Effect.forkScoped(Effect.repeat(reconsider, Schedule.spaced(secondLook)))
      yield* Effect.forkScoped(Effect.schedule(reviveOwed(book, ownOffers), Schedule.spaced(reunion)))
      return yield* takeIn(fromBlock, { book, ownOffers, admit })
    }),
  )

  const reportOf = (where: BidRequest, state: BidState, reservation: Option.Option<Reservation>): BidReport => ({
    requestId: where.requestId,
    request: where.request,
    offer: Option.fromUndefinedOr(ownOffers.of(where.requestId)),
    state,
    name: BidMachine.restName(state),
    reservation,
  })
  const report = Effect.fnUntraced(function* (bid: Bid) {
    return reportOf(bid, yield* bid.state, yield* reservations.reservation(bidVolume(bid.requestId)))
  })
  const endedReport = ({ outcome, ...where }: BidRequest & { readonly outcome: BidOutcome }) =>
    reportOf(where, BidState.Ended({ outcome }), Option.none())

  return Bidding.of({
    bids: Effect.suspend(() => Effect.forEach([...book.active.values()], report)),
    bid: Effect.fn("Bidding.bid")(function* (requestId) {
      const bid = book.active.get(requestId)
      if (bid !== undefined) return Option.some(yield* report(bid))
      const ended = shelf.shelved.get(requestId) ?? book.ended.get(requestId)
      return Option.map(Option.fromUndefinedOr(ended), endedReport)
    }),
    ended: Effect.sync(() => [...book.ended.values(), ...shelf.shelved.values()].map(endedReport)),
    contracts: Effect.suspend(() =>
      Effect.map(Effect.forEach([...book.active.values()], startedContract), Arr.getSomes),
    ),
    reconsider,
    withdrawCollateral: collateral.withdraw,
  })
})

/** Proofs are due of a contract whose data is fetched again, too; some or all of it may be here. */
const isStarted = (state: BidState): state is BidState & { readonly offerId: OfferId } =>
  state._tag === "Started" || (state._tag === "Downloading" && state.started)

const startedContract = (bid: Bid) =>
  Effect.map(bid.state, (state) =>
    isStarted(state) ? Option.some<StartedContract>({ offerId: state.offerId, request: bid.request }) : Option.none(),
  )

/** Pokes the bid that an event concerns; it asks the chain itself what it means. */
const notify = (book: BidBook, ownOffers: OwnOffers, event: OfferEvent): Effect.Effect<void> => {
  const poke = (requestId: RequestId) => book.active.get(requestId)?.poke ?? Effect.void
  switch (event._tag) {
    case "OfferSelected":
      return poke(event.requestId)
    case "ContractStarted":
    case "ContractFinished":
    case "ContractFailed": {
      const isOf = ({ requestId }: Bid) => ownOffers.of(requestId)?.offerId === event.offerId
      return Effect.forEach([...book.active.values()].filter(isOf), (bid) => bid.poke, { discard: true })
    }
    default:
      return Effect.void
  }
}
