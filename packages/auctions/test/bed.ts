import { assert } from "@effect/vitest"
import { ChainClock } from "@pecia/clock"
import { ContentHash, MarketplaceConfig, Offer, type OfferId, type RequestId } from "@pecia/contracts-abi"
import { type Life, mortal } from "@pecia/machine/testing"
import {
  ChainError,
  MemoryChain,
  type MemoryChainTerms,
  type OfferEvent,
  OfferMarket,
  Reverted,
  Unreachable,
} from "@pecia/market"
import { Context, Effect, Exit, Fiber, Layer, Option, Queue, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import {
  AuctionJournal,
  type AuctionName,
  type AuctionRecord,
  Auctions,
  type AuctionTerms,
  SelectingStrategy,
} from "../src/index.ts"

/** The beginning of time in these tests: unix seconds, the start of a period. */
export const start = 1_700_000_000n

/** Every proof is due, and one that is missed is too many: its host has less than the minimum then. */
const config = new MarketplaceConfig({
  collateral: { initialAmount: 100n, minimumAmount: 40n, slashCriterion: 1n, slashPercentage: 70n },
  proofs: { period: 10n, timeout: 5n, downtime: 0n },
})

/** A chain under TestClock, at `start`. */
export const layerChainWith = (terms: MemoryChainTerms) =>
  Layer.unwrap(Effect.as(TestClock.setTime(Number(start) * 1000), MemoryChain.layer({ config, ...terms })))
export const layerChain = layerChainWith({})

/** Lets everything happen that needs no time. */
export const settle = Effect.gen(function* () {
  for (let i = 0; i < 200; i++) yield* Effect.yieldNow
})

/** Lets time pass, and the chain with it. */
export const pass = Effect.fnUntraced(function* (seconds: bigint) {
  yield* TestClock.adjust(Number(seconds) * 1000)
  yield* Effect.flatMap(MemoryChain, (chain) => chain.mine())
  yield* settle
})

export const passUntil = Effect.fnUntraced(function* (time: bigint) {
  const now = yield* Effect.flatMap(MemoryChain, (chain) => chain.now)
  yield* pass(time - now)
})

/** As a market on a chain does it: what was sent goes on, and who is interrupted waits ten seconds for its outcome. */
export const lingering = Effect.fnUntraced(function* <A, E>(write: Effect.Effect<A, E>) {
  const scope = yield* Effect.scope
  return Effect.flatMap(Effect.forkIn(write, scope), (sent) =>
    Effect.onInterrupt(Fiber.join(sent), () => Effect.timeoutOption(Fiber.await(sent), "10 seconds")),
  )
})

/** The chain does not answer. */
export const unreachable = Effect.fail(
  new ChainError({ reason: new Unreachable({ url: "http://127.0.0.1:8545", detail: "connection refused" }) }),
)

/** The contract refuses, for a reason that nobody decides on. */
export const reverted = Effect.fail(new ChainError({ reason: new Reverted({ call: "a call", detail: "a reason" }) }))

/** Each member of the market that auctions use does not answer while `down` holds. */
export const whileDown =
  (down: { value: boolean }) =>
  (market: OfferMarket["Service"]): Partial<OfferMarket["Service"]> => {
    const guard = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      Effect.suspend((): Effect.Effect<A, E | ChainError, R> => (down.value ? unreachable : effect))
    return {
      approveFunds: (amount) => guard(market.approveFunds(amount)),
      requestStorage: (request) => guard(market.requestStorage(request)),
      selectOffer: (id) => guard(market.selectOffer(id)),
      withdrawFunds: (id) => guard(market.withdrawFunds(id)),
      getRequest: (id) => guard(market.getRequest(id)),
      getOffer: (id) => guard(market.getOffer(id)),
      selectedOffer: (id) => guard(market.selectedOffer(id)),
      contractState: (id) => guard(market.contractState(id)),
      proofEnd: (id) => guard(market.proofEnd(id)),
    }
  }

/** The events of a market, and those that a test makes up. */
export const makeEvents = Effect.map(Queue.unbounded<OfferEvent>(), (made) => ({
  tell: (event: OfferEvent) => Effect.andThen(Queue.offer(made, event), settle),
  reorganise: (blockNumber: bigint) =>
    Effect.andThen(Queue.offer(made, { _tag: "ChainReorganised", blockNumber }), settle),
  events:
    ({ events }: OfferMarket["Service"]) =>
    (options?: { readonly fromBlock?: bigint }) =>
      Stream.merge(events(options), Stream.fromQueue(made)),
}))

/** The most that a slot costs in most tests. */
export const maxPrice = 1000n

/** What is auctioned in most tests: one slot for an hour, to be selected and started within ten minutes. */
export const terms = (changes: Partial<AuctionTerms> = {}): AuctionTerms => ({
  dataset: "a dataset",
  slotIndex: 0,
  size: 65_536n,
  contentHash: ContentHash.make(`0x${"44".repeat(32)}`),
  duration: 3600n,
  proofProbability: 1n,
  maxPrice,
  expirySeconds: 600n,
  ...changes,
})

/** Two slots of one dataset. */
export const slots = [terms({ slotIndex: 0 }), terms({ slotIndex: 1 })] as const

/** What of a market or a journal a test replaces. */
export type Faults<S> = (real: S) => Partial<S>

export interface ClientOptions {
  readonly tokens?: bigint
  readonly market?: Faults<OfferMarket["Service"]>
  readonly journal?: Faults<AuctionJournal["Service"]>
  readonly strategy?: Layer.Layer<SelectingStrategy>
}

/** What is in the client's wallet in most tests. */
export const wallet = 10n * maxPrice

/** A client with an account and a journal, whose auctions can be started, killed and started again. */
export const makeClient = Effect.fnUntraced(function* (options: ClientOptions = {}) {
  const chain = yield* MemoryChain
  const account = yield* chain.newAccount
  yield* Effect.orDie(chain.mint(account, options.tokens ?? wallet))
  const real = chain.offerMarket(account)
  const market: OfferMarket["Service"] = { ...real, ...options.market?.(real) }
  const kept = Context.get(yield* Layer.build(Layer.fresh(AuctionJournal.layerMemory)), AuctionJournal)
  const journal: AuctionJournal["Service"] = { ...kept, ...options.journal?.(kept) }

  const layer = (life: Life) =>
    Auctions.layer.pipe(
      Layer.provide([
        Layer.succeed(OfferMarket, mortal(market, life)),
        Layer.succeed(AuctionJournal, mortal(journal, life)),
        options.strategy ?? SelectingStrategy.layerLowestPrice(),
        ChainClock.layerSystem,
      ]),
    )

  /** Starts the auctions. `stop` closes them in order; `life.dead` and `life.crash` end them as `kill -9` would. */
  const run = Effect.fnUntraced(function* (life: Life = { dead: false }) {
    const scope = yield* Scope.fork(yield* Effect.scope)
    const auctions = Context.get(yield* Layer.buildWithScope(Layer.fresh(layer(life)), scope), Auctions)
    yield* settle
    const report = (id: RequestId) => Effect.map(auctions.report(id), Option.getOrUndefined)
    const name = (id: RequestId) => Effect.map(report(id), (report) => report?.name)
    const reaches = (id: RequestId, wanted: AuctionName) =>
      Effect.gen(function* () {
        for (let i = 0; i < 50 && (yield* name(id)) !== wanted; i++) yield* settle
        assert.strictEqual(yield* name(id), wanted)
        yield* settle
      })
    return { auctions, life, report, name, reaches, stop: Scope.close(scope, Exit.void) }
  })

  const records: Effect.Effect<ReadonlyArray<AuctionRecord>> = Effect.orDie(kept.all)
  return { account, market: real, journal: kept, records, run, tokens: real.tokens(account) }
})

type Run = Effect.Success<ReturnType<Effect.Success<ReturnType<typeof makeClient>>["run"]>>

/** The host that was selected. */
export const hostOf = ({ report }: Run, id: RequestId) =>
  Effect.map(report(id), (found) => found && Option.getOrUndefined(found.selected)?.offer.host)

/** A host, played by the test, with collateral for its offers. */
export const makeHost = Effect.gen(function* () {
  const chain = yield* MemoryChain
  const account = yield* chain.newAccount
  yield* chain.mint(account, 1000n)
  const market = chain.offerMarket(account)
  const deposit = Effect.andThen(market.approveFunds(100n), market.deposit(100n))
  yield* deposit
  const toOffer = (requestId: RequestId, price: bigint, expiry: bigint) =>
    new Offer({ host: account, requestId, price, expiry })
  /** An offer that can be selected for a day, or until `expiry`; answers with its id. */
  const offer = (requestId: RequestId, price: bigint, expiry: bigint = start + 86_400n) =>
    Effect.tap(market.offerStorage(toOffer(requestId, price, expiry)), () => settle)
  return { account, market, deposit, offer, toOffer }
})
export type Host = Effect.Success<typeof makeHost>

/** So many hosts. */
export const makeHosts = (count: number) => Effect.forEach(Array.from({ length: count }), () => makeHost)

/** Lets proofs of a contract be missed until it has failed, and somebody mark them. */
export const fail = Effect.fnUntraced(function* (offerId: OfferId) {
  const chain = yield* MemoryChain
  const validator = chain.offerMarket(yield* chain.newAccount)
  const { period } = config.proofs
  for (let i = 0; i < 5 && (yield* validator.contractState(offerId)) !== "Failed"; i++) {
    const current = (yield* chain.now) / period
    yield* passUntil((current + 1n) * period + 1n)
    yield* Effect.ignore(validator.markProofAsMissing(offerId, current))
  }
  assert.strictEqual(yield* validator.contractState(offerId), "Failed")
  yield* settle
})
