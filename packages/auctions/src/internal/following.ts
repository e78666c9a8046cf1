import { ChainClock } from "@pecia/clock"
import type { RequestId } from "@pecia/contracts-abi"
import { relentlessly } from "@pecia/machine"
import { type OfferEvent, OfferEvents, OfferMarket } from "@pecia/market"
import { Array as Arrays, BigInt as BigInts, Effect, Fiber, Option, Queue } from "effect"
import { AuctionJournal, type AuctionRecord } from "../AuctionJournal.ts"
import { adoptable, finality } from "./adopting.ts"
import type { AuctionBook } from "./auctionBook.ts"

/** How far back a reorganisation may have moved a request, in blocks. */
const reorganised = 64n

/** From where on offers to these auctions have to be read; undefined: none is missed. After its expiry an auction needs none. */
export const firstBlock = (records: ReadonlyArray<AuctionRecord>, now: bigint): bigint | undefined => {
  const blocks = records.filter(({ request }) => request.expiry > now).map(({ block }) => block)
  if (!Arrays.isArrayNonEmpty(blocks)) return undefined
  return BigInts.max(0n, blocks.reduce(BigInts.min) - reorganised)
}

/** Follows the events of the market, from block `fromBlock` (default: the next one) on, and takes up what a reorganisation has undone. */
export const followAuctions = Effect.fnUntraced(function* (book: AuctionBook, fromBlock: bigint | undefined) {
  const market = yield* OfferMarket
  const clock = yield* ChainClock
  const journal = yield* AuctionJournal
  const scope = yield* Effect.scope

  /** Goes on with an auction that has ended, if the chain has it otherwise. */
  const adopt = Effect.fnUntraced(function* (ended: AuctionRecord) {
    if (book.active.has(ended.id)) return
    const record = yield* adoptable(ended)
    if (Option.isSome(record)) yield* book.start(record.value)
    else if (!book.active.has(ended.id)) book.offers.forget(ended.id)
  })

  /** The chain lists no auctions, the journal does. Each on its own, since one that cannot be read must not hold up the others. */
  const adoptAll = Effect.gen(function* () {
    const since = (yield* clock.now) - finality
    const records = yield* relentlessly("The journal could not be read", journal.all)
    const recent = records.filter((record) => record.state._tag === "Ended" && record.since > since)
    yield* Fiber.awaitAll(yield* Effect.forEach(recent, (record) => Effect.forkIn(adopt(record), scope)))
  })
  /** Signals that auctions may have to be taken up; however often, it is done once more after what is being done. */
  const adopting = yield* Queue.sliding<void>(1)
  const callForAdoption = Queue.offer(adopting, undefined)

  const requested = Effect.fnUntraced(function* (id: RequestId, block: bigint) {
    const auction = book.active.get(id)
    if (auction !== undefined) {
      book.offers.opened(id)
      yield* Effect.forkIn(auction.seenIn(block), scope)
      return yield* auction.poke
    }
    // One that had been given up may arrive nevertheless; its offers may come before the chain was asked.
    const known = yield* relentlessly("The journal could not be read", journal.get(id))
    if (Option.isNone(known)) return
    book.offers.expect(id)
    book.offers.opened(id)
    yield* Effect.forkIn(adopt({ ...known.value, block }), scope)
  })

  /** The auctions ask the chain themselves what an event means. */
  const notify = Effect.fnUntraced(function* (event: OfferEvent) {
    switch (event._tag) {
      case "ChainReorganised":
        book.offers.undo(event.blockNumber)
        yield* Effect.forEach(Array.from(book.active.values()), ({ poke }) => poke, { discard: true })
        yield* callForAdoption
        return
      case "StorageRequested":
        if (event.request.client === market.account) yield* requested(event.requestId, event.blockNumber)
        return
      case "StorageOffered": {
        book.offers.add(event, yield* clock.now)
        const offered = book.active.get(event.offer.requestId)?.sight.offered
        if (offered !== undefined) yield* Queue.offer(offered, undefined)
        return
      }
      case "OfferSelected":
        return yield* book.active.get(event.requestId)?.poke ?? Effect.void
      case "ContractStarted":
      case "ContractFinished":
      case "ContractFailed":
        return yield* book.ofContract(event.offerId)?.poke ?? Effect.void
      case "ProofSubmitted":
        return
    }
  })

  yield* Effect.forkScoped(OfferEvents.follow(notify, fromBlock === undefined ? {} : { fromBlock }), {
    startImmediately: true,
  })
  yield* callForAdoption
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Queue.take(adopting), adoptAll)))
})
