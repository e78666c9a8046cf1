import { ChainClock } from "@pecia/clock"
import { type ContentHash, Nonce, OpenRequest, type RequestId, Uint256 } from "@pecia/contracts-abi"
import { type ChainError, OfferMarket } from "@pecia/market"
import {
  Array as Arrays,
  BigInt as BigInts,
  Context,
  Effect,
  Layer,
  Option,
  Schema,
  Semaphore,
  SubscriptionRef,
} from "effect"
import { SecureRandom } from "effect/crypto"
import { Auction } from "./Auction.ts"
import { AuctionJournal, type AuctionRecord } from "./AuctionJournal.ts"
import { type AuctionName, auctionError, auctionName, selectedIn } from "./AuctionName.ts"
import { AuctionState } from "./AuctionState.ts"
import { type AuctionJournalError, InsufficientTokens, SenselessAuction } from "./AuctionsError.ts"
import { makeAuctionBook } from "./internal/auctionBook.ts"
import { firstBlock, followAuctions } from "./internal/following.ts"
import type { Candidate, SelectingStrategy } from "./SelectingStrategy.ts"

/** One slot that a client wants to have kept, and the most that it pays. */
export interface AuctionTerms {
  /** Names the dataset of which this is a slot: at most 100 characters. */
  readonly dataset: string
  readonly slotIndex: number
  /** Bytes. */
  readonly size: bigint
  readonly contentHash: ContentHash
  /** Seconds, counted from the start of the contract. */
  readonly duration: bigint
  /** About one proof in so many periods. */
  readonly proofProbability: bigint
  /** Token base units for the whole duration. */
  readonly maxPrice: bigint
  /** Seconds from now within which an offer has to be selected and its host to start; otherwise everything comes back. */
  readonly expirySeconds: bigint
}

/** An auction, as it stands now. */
export interface AuctionReport {
  readonly id: RequestId
  readonly request: OpenRequest
  readonly dataset: string
  readonly slotIndex: number
  /** The state, as REST calls it. */
  readonly name: AuctionName
  /** What went wrong, as a sentence. */
  readonly error: Option.Option<string>
  /**
   * How many offers this node has seen and keeps: at most 8 of a host, and none that had expired when it came. None: not known, as the
   * request was not seen on the chain since the start of this node, or the auction is over.
   */
  readonly offers: Option.Option<number>
  /** The offer that was selected. */
  readonly selected: Option.Option<Candidate>
}

/** The auctions of a client: asks for offers, selects, follows the contracts to their end, takes back what no host earned, also after a restart. */
export class Auctions extends Context.Service<
  Auctions,
  {
    /** Opens an auction for each of the slots, or none. Answers as soon as they are written down; they are sent, and followed, in the background. */
    readonly open: (
      slots: Arrays.NonEmptyReadonlyArray<AuctionTerms>,
    ) => Effect.Effect<
      Arrays.NonEmptyReadonlyArray<Auction>,
      SenselessAuction | InsufficientTokens | ChainError | AuctionJournalError
    >
    /** None: this account has opened no such auction. */
    readonly find: (id: RequestId) => Effect.Effect<Option.Option<Auction>, AuctionJournalError>
    /** None: as `find`. Asks no chain. */
    readonly report: (id: RequestId) => Effect.Effect<Option.Option<AuctionReport>, AuctionJournalError>
    /** All auctions, ended ones included; the oldest first. Asks no chain. */
    readonly reports: Effect.Effect<ReadonlyArray<AuctionReport>, AuctionJournalError>
  }
>()("@pecia/auctions/Auctions") {
  /** Takes up what an earlier run has left: what the journal says has not ended. */
  static readonly layer: Layer.Layer<
    Auctions,
    AuctionJournalError,
    OfferMarket | ChainClock | AuctionJournal | SelectingStrategy
  > = Layer.effect(
    Auctions,
    Effect.suspend(() => make),
  )
}

const make = Effect.gen(function* () {
  const market = yield* OfferMarket
  const clock = yield* ChainClock
  const journal = yield* AuctionJournal
  const book = yield* makeAuctionBook
  const random = yield* Effect.provide(SecureRandom.SecureRandom, SecureRandom.layerWebCrypto)
  const ordering = yield* Semaphore.make(1)

  const unfinished = yield* journal.open
  const now = yield* clock.now
  yield* Effect.forEach(unfinished, book.start, { discard: true })
  yield* followAuctions(book, firstBlock(unfinished, now))

  /** What the wallet holds beside the maximum prices of auctions that were not paid yet. */
  const spendable = Effect.gen(function* () {
    let unpaid = 0n
    for (const { id, request, state } of Array.from(book.active.values())) {
      if ((yield* state)._tag !== "Pending") continue
      if (Option.isNone(yield* market.getRequest(id))) unpaid += request.maxPrice
    }
    return BigInts.max(0n, (yield* market.tokens(market.account)) - unpaid)
  })

  const order = Effect.fnUntraced(function* (records: Arrays.NonEmptyReadonlyArray<AuctionRecord>) {
    const needed = BigInts.sumAll(records.map(({ request }) => request.maxPrice))
    const available = yield* spendable
    if (needed > available) return yield* new InsufficientTokens({ needed, available })
    return yield* Effect.uninterruptible(
      Effect.andThen(
        journal.save(...records),
        Effect.forEach(records, (record) => book.start(record)),
      ),
    )
  })

  const recordOf = Effect.fnUntraced(function* (terms: AuctionTerms, now: bigint) {
    const { contentHash, dataset, duration, expirySeconds, maxPrice, proofProbability, size, slotIndex } = terms
    const nonce = yield* Effect.provideService(Nonce.random, SecureRandom.SecureRandom, random)
    const expiry = BigInts.clamp(now + expirySeconds, { minimum: 0n, maximum: 2n ** 256n - 1n })
    const what = { client: market.account, duration, size, contentHash, proofProbability, maxPrice }
    const request = new OpenRequest({ ...what, expiry, nonce })
    const start = { openedAt: now, block: 0n, state: AuctionState.Pending(), since: now }
    return { id: OpenRequest.id(request), request, dataset, slotIndex, ...start }
  })

  const reportOf = Effect.fnUntraced(function* ({ id, request, dataset, slotIndex, state: journaled }: AuctionRecord) {
    const state = yield* book.active.get(id)?.state ?? Effect.succeed(journaled)
    const offers = book.offers.count(id)
    const standing = { name: auctionName(state), error: auctionError(state), selected: selectedIn(state) }
    return { id, request, dataset, slotIndex, offers, ...standing } satisfies AuctionReport
  })

  return Auctions.of({
    open: Effect.fn("Auctions.open")(function* (slots) {
      yield* sensible(slots.flatMap(flawsOfTerms))
      const now = yield* clock.now
      const config = yield* market.config
      const records = yield* Effect.forEach(slots, (terms) => recordOf(terms, now))
      const flaws = records.flatMap(({ request }) => OpenRequest.sense(request, { now, config }))
      yield* sensible(flaws.map(({ message }) => message))
      return yield* ordering.withPermit(order(records))
    }),

    find: Effect.fn("Auctions.find")(function* (id) {
      const active = book.active.get(id)
      if (active !== undefined) return Option.some<Auction>(active)
      const record = yield* journal.get(id)
      if (Option.isNone(record)) return Option.none<Auction>()
      return Option.some(Auction.of(record.value, yield* SubscriptionRef.make(record.value.state)))
    }),

    report: Effect.fn("Auctions.report")(function* (id) {
      const record = yield* journal.get(id)
      return Option.isNone(record) ? Option.none() : Option.some(yield* reportOf(record.value))
    }),

    reports: Effect.flatMap(journal.all, (records) => Effect.forEach(records, reportOf)),
  })
})

/** At most so many characters name a dataset. */
const longestName = 100

const isUint256 = Schema.is(Uint256)

/** What no request can be made of, as sentences. */
const flawsOfTerms = (terms: AuctionTerms): ReadonlyArray<string> => {
  const { dataset, duration, maxPrice, proofProbability, size, slotIndex } = terms
  const flaws: Array<string> = []
  if (dataset.length > longestName) flaws.push(`The name of the dataset is longer than ${longestName} characters.`)
  if (!Number.isSafeInteger(slotIndex) || slotIndex < 0) flaws.push(`${slotIndex} is no index of a slot.`)
  if (![duration, maxPrice, proofProbability, size].every(isUint256))
    flaws.push("Size, duration, proof probability and maximum price have to be from 0 to 2^256 - 1.")
  return flaws
}

/** The same flaw of several slots is told once. */
const sensible = (flaws: ReadonlyArray<string>): Effect.Effect<void, SenselessAuction> =>
  flaws.length === 0 ? Effect.void : Effect.fail(new SenselessAuction({ detail: Arrays.dedupe(flaws).join(" ") }))
