import { ChainClock } from "@pecia/clock"
import { Nonce, type RequestId, StorageAsk, type StorageContent, StorageRequest } from "@pecia/contracts-abi"
import { relentlessly } from "@pecia/machine"
import { type ChainError, Market, type MarketEvent, MarketEvents } from "@pecia/market"
import {
  Array as Arrays,
  BigInt as BigInts,
  Context,
  Effect,
  Layer,
  Option,
  Schedule,
  Semaphore,
  SubscriptionRef,
} from "effect"
import { SecureRandom } from "effect/crypto"
import { adoptable, requestsOnChain } from "./internal/adopting.ts"
import { makePurchaseBook } from "./internal/purchaseBook.ts"
import { Purchase } from "./Purchase.ts"
import { PurchaseJournal, type PurchaseRecord } from "./PurchaseJournal.ts"
import { type PurchaseName, purchaseError, purchaseName } from "./PurchaseName.ts"
import { PurchaseState } from "./PurchaseState.ts"
import { InsufficientTokens, type PurchaseJournalError, SenselessRequest } from "./PurchasingError.ts"

/** What a client wants to buy. */
export interface PurchaseTerms {
  readonly ask: StorageAsk
  readonly content: StorageContent
  /** Seconds from now within which all slots have to be filled; otherwise what no host earned is taken back. */
  readonly expirySeconds: bigint
}

/** A purchase, as it stands now. */
export interface PurchaseReport {
  readonly id: RequestId
  readonly request: StorageRequest
  /** The state, as REST calls it. */
  readonly name: PurchaseName
  /** What went wrong, as a sentence. */
  readonly error: Option.Option<string>
}

/** The purchases of a client: sends requests, follows them to their end, takes back what no host earned, also after a restart. */
export class Purchasing extends Context.Service<
  Purchasing,
  {
    /** Puts a request on the market. Answers as soon as it is written down; it is sent, and followed, in the background. */
    readonly purchase: (
      terms: PurchaseTerms,
    ) => Effect.Effect<Purchase, SenselessRequest | InsufficientTokens | ChainError | PurchaseJournalError>
    /** None: this account has made no such purchase. */
    readonly find: (id: RequestId) => Effect.Effect<Option.Option<Purchase>, PurchaseJournalError>
    /** All purchases, ended ones included; the oldest first. */
    readonly purchases: Effect.Effect<ReadonlyArray<PurchaseReport>, PurchaseJournalError>
  }
>()("@pecia/purchasing/Purchasing") {
  /** Takes up what an earlier run has left: what the journal says has not ended, and the account's requests on the chain. */
  static readonly layer: Layer.Layer<Purchasing, PurchaseJournalError, Market | ChainClock | PurchaseJournal> =
    Layer.effect(
      Purchasing,
      Effect.suspend(() => make),
    )
}

/** How often the account's requests on the chain are compared with those that are followed. */
const reunion = "10 minutes"

const make = Effect.gen(function* () {
  const market = yield* Market
  const clock = yield* ChainClock
  const journal = yield* PurchaseJournal
  const scope = yield* Effect.scope
  const book = yield* makePurchaseBook
  const random = yield* Effect.provide(SecureRandom.SecureRandom, SecureRandom.layerWebCrypto)
  const ordering = yield* Semaphore.make(1)

  const adopt = Effect.fnUntraced(function* (id: RequestId) {
    if (book.active.has(id)) return
    const record = yield* adoptable(id)
    if (Option.isSome(record)) yield* book.start(record.value)
  })

  /** Each on its own, since one that cannot be read must not hold up the others. */
  const adoptAll = Effect.gen(function* () {
    for (const id of yield* requestsOnChain) yield* Effect.forkIn(adopt(id), scope)
  })

  const poke = (id: RequestId) => book.active.get(id)?.poke ?? Effect.void

  /** The purchases ask the chain themselves what an event means. */
  const notify = Effect.fnUntraced(function* (event: MarketEvent) {
    switch (event._tag) {
      case "ChainReorganised":
        yield* Effect.forEach(Array.from(book.active.keys()), poke, { discard: true })
        yield* Effect.forkIn(adoptAll, scope)
        return
      case "StorageRequested": {
        if (book.active.has(event.requestId)) return yield* poke(event.requestId)
        // A request of ours that had been given up may arrive nevertheless.
        const known = yield* relentlessly("The journal could not be read", journal.get(event.requestId))
        if (Option.isSome(known)) yield* Effect.forkIn(adoptAll, scope)
        return
      }
      case "RequestFulfilled":
      case "RequestFailed":
      case "RequestCancelled":
        return yield* poke(event.requestId)
      case "SlotFilled":
      case "SlotFreed":
      case "ProofSubmitted":
        return
    }
  })

  yield* Effect.forkScoped(MarketEvents.follow(notify), { startImmediately: true })
  yield* Effect.forEach(yield* journal.open, book.start, { discard: true })
  yield* Effect.forkScoped(Effect.repeat(adoptAll, Schedule.spaced(reunion)))

  /** What the wallet holds beside the prices of purchases that were not paid yet. */
  const spendable = Effect.gen(function* () {
    let unpaid = 0n
    for (const { id, request, state } of Array.from(book.active.values())) {
      if ((yield* state)._tag !== "Pending") continue
      if (Option.isNone(yield* market.requestState(id))) unpaid += StorageAsk.price(request.ask)
    }
    return BigInts.max(0n, (yield* market.tokens(market.account)) - unpaid)
  })

  const order = Effect.fnUntraced(function* (record: PurchaseRecord) {
    const needed = StorageAsk.price(record.request.ask)
    const available = yield* spendable
    if (needed > available) return yield* new InsufficientTokens({ needed, available })
    return yield* Effect.uninterruptible(Effect.andThen(journal.save(record), book.start(record)))
  })

  return Purchasing.of({
    purchase: Effect.fn("Purchasing.purchase")(function* ({ ask, content, expirySeconds }) {
      const now = yield* clock.now
      const expiry = BigInts.clamp(now + expirySeconds, { minimum: 0n, maximum: 2n ** 256n - 1n })
      const nonce = yield* Effect.provideService(Nonce.random, SecureRandom.SecureRandom, random)
      const request = new StorageRequest({ client: market.account, ask, content, expiry, nonce })
      const flaws = StorageRequest.sense(request, { now, config: yield* market.config })
      if (Arrays.isReadonlyArrayNonEmpty(flaws)) return yield* new SenselessRequest({ flaws })
      const id = StorageRequest.id(request)
      return yield* ordering.withPermit(order({ id, request, state: PurchaseState.Pending() }))
    }),

    find: Effect.fn("Purchasing.find")(function* (id) {
      const active = book.active.get(id)
      if (active !== undefined) return Option.some<Purchase>(active)
      const record = yield* journal.get(id)
      if (Option.isNone(record)) return Option.none<Purchase>()
      return Option.some(Purchase.of(record.value, yield* SubscriptionRef.make(record.value.state)))
    }),

    purchases: Effect.gen(function* () {
      return yield* Effect.forEach(yield* journal.all, ({ id, request, state: journaled }) =>
        Effect.map(book.active.get(id)?.state ?? Effect.succeed(journaled), (state): PurchaseReport => {
          return { id, request, name: purchaseName(state), error: purchaseError(state) }
        }),
      )
    }),
  })
})
