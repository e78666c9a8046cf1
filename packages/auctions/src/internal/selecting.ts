import { ChainClock } from "@pecia/clock"
import type { Address, OfferId } from "@pecia/contracts-abi"
import { settled } from "@pecia/machine"
import { OfferMarket } from "@pecia/market"
import { BigInt as BigInts, Effect, Queue, type Semaphore } from "effect"
import type { AuctionStanding } from "../AuctionStanding.ts"
import { AuctionFact } from "../AuctionState.ts"
import { type Candidate, SelectingStrategy, type Selection } from "../SelectingStrategy.ts"
import { type Deal, look } from "./look.ts"
import type { OffersSeen } from "./offersSeen.ts"

/** An auction that goes on, as this run sees it. */
export interface Sight {
  readonly deal: Deal
  /** What the chain said last; undefined: it was not asked yet. */
  standing: AuctionStanding | undefined
  /** The host whose offer is being selected, or was. */
  chosen: Address | undefined
  /** Signals new offers. */
  readonly offered: Queue.Queue<void>
}

/** Asks the chain how an auction stands, and keeps that in sight. */
export const sighted = (sight: Sight) =>
  Effect.tap(look(sight.deal), (standing) =>
    Effect.sync(() => {
      sight.standing = standing
    }),
  )

/** Who keeps the slot, or will; as far as the chain has said, and otherwise as it was chosen. */
const hostOf = ({ chosen, standing }: Sight): Address | undefined => {
  switch (standing?._tag) {
    case "Selected":
    case "Started":
      return standing.offer.host
    case undefined:
    case "Unknown":
    case "Open":
      return chosen
    default:
      return undefined
  }
}

/** How long a host that lacked collateral, or an offer that could not be selected, is left out. */
const pause = 60n

export interface Auctioneer {
  readonly all: Iterable<Sight>
  readonly offers: OffersSeen
  readonly hostsThatFailed: ReadonlySet<Address>
  /** Only one auction chooses at a time, so that none overlooks what another has just chosen. */
  readonly choosing: Semaphore.Semaphore
}

/** Selects an offer, as soon as the strategy wants one; ends with what the chain says then. */
export const makeSelecting = (sight: Sight, { all, choosing, hostsThatFailed, offers }: Auctioneer) => {
  const { dataset, id, openedAt, request } = sight.deal
  /** What cannot be selected at present, and until when (unix seconds). */
  const leftOut = new Map<Address | OfferId, bigint>()

  /** A client does not sell to itself. */
  const candidatesAt = (now: bigint): ReadonlyArray<Candidate> => {
    const isLeftOut = (key: Address | OfferId) => (leftOut.get(key) ?? now) > now
    return offers
      .of(id)
      .filter(({ offer }) => offer.expiry > now && offer.host !== request.client)
      .filter(({ offer, offerId }) => !isLeftOut(offer.host) && !isLeftOut(offerId))
  }

  /** Those of the auctions that were not looked at yet are asked for, so that a restart forgets no host. */
  const hostsOfDataset = Effect.gen(function* () {
    const hosts = new Set<Address>()
    for (const other of all) {
      if (other === sight || other.deal.dataset !== dataset) continue
      if (other.standing === undefined) yield* sighted(other)
      const host = hostOf(other)
      if (host !== undefined) hosts.add(host)
    }
    return hosts
  })

  /** One of the candidates, or the time until which to wait. */
  const choose = Effect.gen(function* () {
    sight.chosen = undefined
    const now = yield* Effect.flatMap(ChainClock, (clock) => clock.now)
    const candidates = candidatesAt(now)
    if (candidates.length === 0) return request.expiry
    const strategy = yield* SelectingStrategy
    const hosts = { hostsOfDataset: yield* hostsOfDataset, hostsThatFailed }
    const selection: Selection = yield* strategy.select({ requestId: id, request, openedAt, now, candidates, ...hosts })
    if (selection._tag === "Wait") return BigInts.max(selection.until, now + 1n)
    const chosen = candidates.find(({ offerId }) => offerId === selection.offerId)
    if (chosen === undefined)
      return yield* Effect.die(
        new Error(`The selecting strategy wants ${selection.offerId}, which is no candidate of auction ${id}.`),
      )
    sight.chosen = chosen.offer.host
    return chosen
  })

  const wait = Effect.fnUntraced(function* (until: bigint) {
    const clock = yield* ChainClock
    const minute = Effect.sleep("1 minute")
    yield* Effect.raceFirst(Queue.take(sight.offered), Effect.raceFirst(clock.waitUntil(until), minute))
  })

  const leaveOut = Effect.fnUntraced(function* (key: Address | OfferId, why: { readonly message: string }) {
    yield* Effect.logInfo(`Auction ${id}: ${why.message}`)
    leftOut.set(key, (yield* Effect.flatMap(ChainClock, (clock) => clock.now)) + pause)
  })

  const take = Effect.fnUntraced(function* ({ offer, offerId }: Candidate) {
    const market = yield* OfferMarket
    yield* settled(market.selectOffer(offerId)).pipe(
      Effect.catchTags({
        HostLacksCollateral: (lacks) => leaveOut(offer.host, lacks),
        OfferExpired: (expired) => leaveOut(offerId, expired),
        UnknownOffer: (unknown) => {
          offers.remove(id, offerId)
          return leaveOut(offerId, unknown)
        },
        // What the chain said is outdated; it is asked again.
        OfferAlreadySelected: () => Effect.sleep("1 second"),
        RequestExpired: () => Effect.sleep("1 second"),
      }),
    )
  })

  return Effect.gen(function* () {
    for (;;) {
      const standing: AuctionStanding = yield* sighted(sight)
      if (standing._tag !== "Open") return AuctionFact.ChainSays({ standing })
      const choice = yield* choosing.withPermit(choose)
      yield* typeof choice === "bigint" ? wait(choice) : take(choice)
    }
  })
}
