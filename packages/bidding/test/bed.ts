import { assert } from "@effect/vitest"
import { ChainClock } from "@pecia/clock"
import { type Address, ContentHash, Nonce, Offer, OpenRequest, type RequestId } from "@pecia/contracts-abi"
import { type Life, mortal } from "@pecia/machine/testing"
import { ChainError, MemoryChain, OfferMarket, Unreachable } from "@pecia/market"
import { Reservations, SlotDemand, Offer as Space } from "@pecia/reservations"
import { Context, Effect, Exit, Fiber, Layer, Option, Scope } from "effect"
import { TestClock } from "effect/testing"
import {
  Bidding,
  type BiddingOptions,
  type BidRequest,
  BidStorage,
  bidVolume,
  type DataUnavailable,
  OfferingStrategy,
} from "../src/index.ts"

/** The beginning of time in these tests: unix seconds, the start of a period. */
export const start = 1_700_000_000n
export const size = 65_536n

/** What a contract costs the host, at one token per byte and 65536 seconds, of `request()`: nothing. See `minPrice`. */
export const layerChain = Layer.unwrap(Effect.as(TestClock.setTime(Number(start) * 1000), MemoryChain.layer()))

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

/** Waits, without letting time pass, until a condition holds. */
export const eventually = <E, R>(what: string, condition: Effect.Effect<boolean, E, R>) =>
  Effect.gen(function* () {
    for (let i = 0; i < 50; i++) {
      if (yield* condition) return
      yield* settle
    }
    assert.fail(`never came: ${what}`)
  })

/** The chain does not answer. */
export const unreachable = Effect.fail(
  new ChainError({ reason: new Unreachable({ url: "http://127.0.0.1:8545", detail: "connection refused" }) }),
)

/** As a market on a chain does it: what was sent goes on, and who is interrupted waits ten seconds for its outcome. */
export const lingering = Effect.fnUntraced(function* <A, E>(write: Effect.Effect<A, E>) {
  const scope = yield* Effect.scope
  return Effect.flatMap(Effect.forkIn(write, scope), (sent) =>
    Effect.onInterrupt(Fiber.join(sent), () => Effect.timeoutOption(Fiber.await(sent), "10 seconds")),
  )
})

const bytes32 = (number: number) => `0x${number.toString(16).padStart(64, "0")}`

/** A client that asks for offers. */
export const makeClient = Effect.gen(function* () {
  const chain = yield* MemoryChain
  const account = yield* chain.newAccount
  yield* Effect.orDie(chain.mint(account, 10n ** 30n))
  const market = chain.offerMarket(account)
  let nonce = 0
  const compose = (terms: Partial<Omit<OpenRequest, "client" | "nonce">> = {}) =>
    new OpenRequest({
      client: account,
      duration: 3600n,
      size,
      contentHash: ContentHash.make(bytes32(++nonce)),
      proofProbability: 4n,
      maxPrice: 36_000n,
      expiry: start + 600n,
      ...terms,
      nonce: Nonce.make(bytes32(nonce)),
    })
  return {
    account,
    market,
    compose,
    request: Effect.fnUntraced(function* (terms: Parameters<typeof compose>[0] = {}) {
      const request = compose(terms)
      yield* market.approveFunds(request.maxPrice)
      const requestId = yield* market.requestStorage(request)
      const { number } = yield* chain.head
      return { request, requestId, block: number }
    }),
    /** Selects what a host offers at a price. */
    select: (host: Address, { requestId, request }: BidRequest, price: bigint) => {
      const offer = new Offer({ host, requestId, price, expiry: request.expiry })
      return Effect.as(market.selectOffer(Offer.id(offer)), Offer.id(offer))
    },
  }
})

/** Space for a request. */
export const demandFor = (requestId: RequestId, market: "Marketplace" | "OfferMarket") =>
  new SlotDemand({
    market,
    requestId,
    slotIndex: 0n,
    slotId: bidVolume(requestId),
    sizeBytes: size,
    durationSeconds: 60n,
    pricePerSecond: 1n,
    collateral: 100n,
    endSeconds: start + 60n,
  })

type Hook = (requestId: RequestId) => Effect.Effect<void, DataUnavailable>

/** A data plane that does as it is told and keeps a record. It outlives the bids that use it. */
export class StorageScript {
  /** What is called, in order, as "store" or "clear". */
  readonly calls: Array<string> = []
  /** What is on disk. */
  readonly stored = new Set<RequestId>()
  beforeStore: Hook = () => Effect.void
  beforeClear: Hook = () => Effect.void

  service = (reservations: Reservations["Service"]): BidStorage["Service"] =>
    BidStorage.of({
      store: (requestId, request) =>
        Effect.gen({ self: this }, function* () {
          this.calls.push("store")
          yield* this.beforeStore(requestId)
          if (this.stored.has(requestId)) return
          yield* Effect.orDie(reservations.write(bidVolume(requestId), request.size))
          this.stored.add(requestId)
        }),
      clear: (requestId) =>
        Effect.gen({ self: this }, function* () {
          this.calls.push("clear")
          yield* this.beforeClear(requestId)
          this.stored.delete(requestId)
          yield* Effect.orDie(reservations.giveBack(bidVolume(requestId)))
        }),
    })
}

/** What of a market a test replaces. */
export type Faults = Partial<OfferMarket["Service"]>

export interface HostOptions {
  readonly tokens?: bigint
  /** How many requests of `size` fit. */
  readonly slots?: bigint
  /** Token base units per byte per second; by default the space costs nothing. */
  readonly minPrice?: bigint
  /** Offers that price; by default 20,000. */
  readonly price?: bigint
  readonly strategy?: Layer.Layer<OfferingStrategy>
  readonly faults?: (market: OfferMarket["Service"]) => Faults
  readonly bidding?: BiddingOptions
}

/** A host with an account, space and a data plane, whose bids can be started, killed and started again. */
export const makeHost = Effect.fnUntraced(function* (options: HostOptions = {}) {
  const chain = yield* MemoryChain
  const account: Address = yield* chain.newAccount
  yield* Effect.orDie(chain.mint(account, options.tokens ?? 1000n))
  const context = yield* Layer.build(Layer.fresh(Reservations.layerMemory({ quotaBytes: 100n * size })))
  const reservations = Context.get(context, Reservations)
  const offer = (
    totalBytes: bigint,
    terms: { readonly durationSeconds?: bigint; readonly untilSeconds?: bigint } = {},
  ) =>
    reservations.offer(
      new Space({
        totalBytes,
        durationSeconds: 1_000_000n,
        minPricePerBytePerSecond: options.minPrice ?? 0n,
        totalCollateral: 1_000n,
        enabled: true,
        untilSeconds: 0n,
        ...terms,
      }),
    )
  const space = (options.slots ?? 10n) * size
  if (space > 0n) yield* Effect.orDie(offer(space))
  const real = chain.offerMarket(account)
  const market: OfferMarket["Service"] = { ...real, ...options.faults?.(real) }
  const storage = new StorageScript()
  const fixedPrice = Layer.succeed(OfferingStrategy, { price: () => Effect.succeed(options.price ?? 20_000n) })

  const layerOf = (life: Life) =>
    Bidding.layer(options.bidding).pipe(
      Layer.provide([
        Layer.succeed(OfferMarket, mortal(market, life)),
        Layer.succeed(Reservations, mortal(reservations, life)),
        Layer.succeed(BidStorage, mortal(storage.service(reservations), life)),
        ChainClock.layerSystem,
        options.strategy ?? fixedPrice,
      ]),
    )

  /** Starts the bids. `stop` closes them in order; `life.dead` and `life.crash` end them as `kill -9` would. */
  const run = Effect.fnUntraced(function* (life: Life = { dead: false }) {
    const scope = yield* Scope.fork(yield* Effect.scope)
    const bidding = Context.get(yield* Layer.buildWithScope(Layer.fresh(layerOf(life)), scope), Bidding)
    yield* settle
    const report = ({ requestId }: Pick<BidRequest, "requestId">) =>
      Effect.map(bidding.bid(requestId), Option.getOrUndefined)
    const name = (where: Pick<BidRequest, "requestId">) => Effect.map(report(where), (found) => found?.name)
    const reaches = (where: Pick<BidRequest, "requestId">, wanted: string) =>
      Effect.gen(function* () {
        for (let i = 0; i < 50 && (yield* name(where)) !== wanted; i++) yield* settle
        assert.strictEqual(yield* name(where), wanted)
      })
    /** Why the request was declined, or what broke. */
    const why = (where: Pick<BidRequest, "requestId">) =>
      Effect.map(report(where), (found) => {
        const outcome = found !== undefined && "outcome" in found.state ? found.state.outcome : undefined
        if (outcome?._tag === "Declined") return outcome.reason
        return outcome?._tag === "Errored" ? outcome.detail : undefined
      })
    return { bidding, life, report, name, reaches, why, stop: Scope.close(scope, Exit.void) }
  })

  return {
    account,
    market: real,
    reservations,
    offer,
    storage,
    run,
    freeBytes: Effect.map(Effect.orDie(reservations.availabilities), (all) =>
      all.reduce((sum, { freeBytes }) => sum + freeBytes, 0n),
    ),
    collateral: real.collateral(account),
    tokens: real.tokens(account),
  }
})

/** Another host, played by the test, with collateral for so many contracts. */
export const makeRival = Effect.fnUntraced(function* (contracts = 1n) {
  const chain = yield* MemoryChain
  const account = yield* chain.newAccount
  yield* chain.mint(account, contracts * 100n)
  const market = chain.offerMarket(account)
  yield* market.approveFunds(contracts * 100n)
  yield* market.deposit(contracts * 100n)
  return {
    account,
    market,
    offer: ({ requestId, request }: BidRequest, price: bigint) =>
      market.offerStorage(new Offer({ host: account, requestId, price, expiry: request.expiry })),
  }
})
