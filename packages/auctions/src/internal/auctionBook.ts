import { ChainClock } from "@pecia/clock"
import type { Address, OfferId, RequestId } from "@pecia/contracts-abi"
import { backoff, reasonOf, relentlessly, runMachine } from "@pecia/machine"
import type { OfferMarket } from "@pecia/market"
import { Context, Effect, FiberSet, Option, Queue, type Scope, Semaphore, SubscriptionRef } from "effect"
import { Auction } from "../Auction.ts"
import { AuctionJournal, type AuctionRecord } from "../AuctionJournal.ts"
import { AuctionMachine } from "../AuctionMachine.ts"
import { auctionName, failedHostIn } from "../AuctionName.ts"
import type { AuctionFact, AuctionState, AuctionWork } from "../AuctionState.ts"
import type { AuctionJournalError } from "../AuctionsError.ts"
import type { SelectingStrategy } from "../SelectingStrategy.ts"
import { perform } from "./auctionWork.ts"
import { watch } from "./look.ts"
import { makeOffersSeen, type OffersSeen } from "./offersSeen.ts"
import { type Sight, sighted } from "./selecting.ts"

/** An auction that goes on. */
export interface ActiveAuction extends Auction {
  readonly sight: Sight
  /** Something has happened on the chain that concerns it. Never waits. */
  readonly poke: Effect.Effect<void>
  /** The request was seen in this block; writes that down. */
  readonly seenIn: (block: bigint) => Effect.Effect<void>
}

/** The auctions that go on, at most one for a request. */
export interface AuctionBook {
  readonly active: ReadonlyMap<RequestId, ActiveAuction>
  readonly offers: OffersSeen
  /** Goes on with an auction, unless that goes on already. */
  readonly start: (record: AuctionRecord) => Effect.Effect<Auction>
  /** The auction whose contract this is, as far as the chain was asked. */
  readonly ofContract: (offerId: OfferId) => ActiveAuction | undefined
}

type Services = OfferMarket | ChainClock | AuctionJournal | SelectingStrategy

/**
 * An end is written down before it is told. The states on the way can be read from the chain again, so they do not keep a refund
 * waiting when the journal cannot be written.
 */
const keep = ({ id, state }: AuctionRecord, saving: Effect.Effect<void, AuctionJournalError>) => {
  const what = `Auction ${id} could not be written down`
  if (state._tag === "Ended") return relentlessly(what, saving)
  return saving.pipe(
    Effect.retry({ schedule: backoff, times: 3 }),
    Effect.catch((error) => Effect.logWarning(`${what}: ${reasonOf(error)}`)),
  )
}

export const makeAuctionBook: Effect.Effect<AuctionBook, AuctionJournalError, Services | Scope.Scope> = Effect.gen(
  function* () {
    const context = yield* Effect.context<Services>()
    const journal = Context.get(context, AuctionJournal)
    const clock = Context.get(context, ChainClock)
    const active = new Map<RequestId, ActiveAuction>()
    const offers = makeOffersSeen()
    const hostsThatFailed = new Set<Address>()
    const remember = (state: AuctionState) => Option.map(failedHostIn(state), (host) => hostsThatFailed.add(host))
    for (const { state } of yield* journal.all) remember(state)
    const choosing = yield* Semaphore.make(1)
    const running = yield* FiberSet.make()

    const sights = {
      *[Symbol.iterator]() {
        for (const { sight } of active.values()) yield sight
      },
    }

    const start = Effect.fnUntraced(function* (before: AuctionRecord) {
      const { id } = before
      const current = yield* SubscriptionRef.make(before.state)
      const pokes = yield* Queue.sliding<void>(1)
      const offered = yield* Queue.sliding<void>(1)
      const goesOn = active.get(id)
      if (goesOn !== undefined) return goesOn

      let record = before
      /** Writes down the latest of it, also when it is tried again. */
      const save = Effect.suspend(() =>
        keep(
          record,
          Effect.suspend(() => journal.save(record)),
        ),
      )
      const poke = Effect.asVoid(Queue.offer(pokes, undefined))
      const sight: Sight = { deal: before, standing: undefined, chosen: undefined, offered }

      const onEnter = Effect.fnUntraced(function* (state: AuctionState) {
        record = { ...record, state, since: yield* clock.now }
        remember(state)
        yield* save
        if (state._tag === "Ended") {
          active.delete(id)
          offers.forget(id)
        }
        yield* SubscriptionRef.set(current, state)
        yield* Effect.logInfo(`Auction ${id}: ${auctionName(state)}`)
        yield* poke
      })

      const seenIn = Effect.fnUntraced(function* (block: bigint) {
        if (record.block === block) return
        record = { ...record, block }
        yield* save
      })

      const machine = runMachine<AuctionState, AuctionFact, AuctionWork, Services | Scope.Scope>({
        initial: before.state,
        ...AuctionMachine,
        hasEnded: (state) => state._tag === "Ended",
        perform: perform(sight, { all: sights, offers, hostsThatFailed, choosing }),
        watch: (tell) => watch(sight.deal, sighted(sight), pokes, tell),
        onEnter,
      })

      const auction: ActiveAuction = { ...Auction.of(before, current), sight, poke, seenIn }
      active.set(id, auction)
      offers.expect(id)
      yield* FiberSet.run(running, machine.pipe(Effect.scoped, Effect.provideContext(context)))
      return auction
    })

    const ofContract = (offerId: OfferId) => {
      for (const auction of active.values()) {
        const { standing } = auction.sight
        if (standing !== undefined && "offerId" in standing && standing.offerId === offerId) return auction
      }
      return undefined
    }

    return { active, offers, start, ofContract }
  },
)
