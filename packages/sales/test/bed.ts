import { assert } from "@effect/vitest"
import { ChainClock } from "@pecia/clock"
import {
  type Address,
  Nonce,
  type RequestId,
  type SlotId,
  StorageAsk,
  StorageContent,
  StoragePor,
  StorageRequest,
  slotId,
} from "@pecia/contracts-abi"
import { type Life, mortal } from "@pecia/machine/testing"
import { ChainError, InvalidProof, Market, MemoryChain, Unreachable } from "@pecia/market"
import { Offer, Reservations, SlotDemand } from "@pecia/reservations"
import { Context, Effect, Exit, Fiber, Layer, Option, Scope } from "effect"
import { TestClock } from "effect/testing"
import { HostPolicy, SaleSlot, Sales, type SalesOptions, SlotStorage, type SlotUnavailable } from "../src/index.ts"

/** The beginning of time in these tests: unix seconds, the start of a period. */
export const start = 1_700_000_000n
export const slotSize = 65_536n

/** A chain under TestClock, at `start`. */
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

/** A client that asks for slots. */
export const makeClient = Effect.gen(function* () {
  const chain = yield* MemoryChain
  const account = yield* chain.newAccount
  yield* Effect.orDie(chain.mint(account, 10n ** 30n))
  const market = chain.market(account)
  let nonce = 0
  const compose = (terms: {
    readonly ask?: Partial<ConstructorParameters<typeof StorageAsk>[0]>
    readonly expiry?: bigint
  }) =>
    new StorageRequest({
      client: account,
      ask: new StorageAsk({
        slots: 1n,
        slotSize,
        duration: 3600n,
        proofProbability: 4n,
        reward: 10n,
        maxSlotLoss: 1n,
        ...terms.ask,
      }),
      content: new StorageContent({
        cid: "zb2rhheVmk3bLks5MgzTqyznLu1zqGH5jrfTA1eAZXrjx7Vob",
        erasure: { totalChunks: 1n },
        por: new StoragePor({ u: new Uint8Array(), publicKey: new Uint8Array(), name: new Uint8Array() }),
      }),
      expiry: terms.expiry ?? start + 600n,
      nonce: Nonce.make(`0x${(++nonce).toString(16).padStart(64, "0")}`),
    })
  return {
    account,
    market,
    compose,
    request: Effect.fnUntraced(function* (terms: Parameters<typeof compose>[0] = {}) {
      const request = compose(terms)
      yield* market.approveFunds(StorageAsk.price(request.ask))
      const requestId = yield* market.requestStorage(request)
      const { number } = yield* chain.head
      return { request, requestId, block: number, slot: (index: bigint) => SaleSlot.of(request, index, requestId) }
    }),
  }
})

/** What stands for a proof of a challenge. */
export const proofOf = (challenge: string) => new TextEncoder().encode(challenge)

/** The market of a contract that verifies: a proof has to answer the challenge that the slot has when it comes. */
export const verifying = (market: Market["Service"], onRefusal: () => void = () => {}) => ({
  fillSlot: Effect.fnUntraced(function* (...[requestId, slotIndex, proof]: Parameters<typeof market.fillSlot>) {
    const id = slotId(requestId, slotIndex)
    if (new TextDecoder().decode(proof) === (yield* market.getChallenge(id))) {
      return yield* market.fillSlot(requestId, slotIndex, proof)
    }
    onRefusal()
    return yield* new InvalidProof({ slotId: id })
  }),
})

/** Space for a request of which the marketplace knows nothing. */
export const demandFor = (request: StorageRequest, terms: Partial<SlotDemand> = {}) => {
  const { requestId, slotIndex, slotId } = SaleSlot.of(request, 0n)
  return new SlotDemand({
    requestId,
    slotIndex,
    slotId,
    sizeBytes: slotSize,
    durationSeconds: 60n,
    pricePerSecond: 1n,
    collateral: 100n,
    endSeconds: start + 60n,
    ...terms,
  })
}

type Hook = (slot: SaleSlot) => Effect.Effect<void, SlotUnavailable>

/** A data plane that does as it is told and keeps a record. It outlives the sales that use it. */
export class StorageScript {
  /** What is called, in order, as "store 0", "prove 0", "clear 0". */
  readonly calls: Array<string> = []
  /** What is on disk. */
  readonly stored = new Set<SlotId>()
  readonly #slots = new Map<SlotId, SaleSlot>()
  beforeStore: Hook = () => Effect.void
  beforeProve: Hook = () => Effect.void
  beforeClear: Hook = () => Effect.void

  service = (reservations: Reservations["Service"]): SlotStorage["Service"] =>
    SlotStorage.of({
      store: (request, slotIndex) =>
        Effect.gen({ self: this }, function* () {
          const slot = this.#called("store", SaleSlot.of(request, slotIndex))
          yield* this.beforeStore(slot)
          if (this.stored.has(slot.slotId)) return
          yield* Effect.orDie(reservations.write(slot.slotId, request.ask.slotSize))
          this.stored.add(slot.slotId)
        }),
      prove: (request, slotIndex, challenge) =>
        Effect.gen({ self: this }, function* () {
          const slot = this.#called("prove", SaleSlot.of(request, slotIndex))
          assert.isTrue(this.stored.has(slot.slotId), "a slot is proven that is not stored")
          yield* this.beforeProve(slot)
          return proofOf(challenge)
        }),
      clear: (id) =>
        Effect.gen({ self: this }, function* () {
          const slot = this.#slots.get(id)
          this.calls.push(`clear ${slot?.slotIndex}`)
          if (slot !== undefined) yield* this.beforeClear(slot)
          this.stored.delete(id)
          yield* Effect.orDie(reservations.giveBack(id))
        }),
    })

  #called(what: string, slot: SaleSlot): SaleSlot {
    this.#slots.set(slot.slotId, slot)
    this.calls.push(`${what} ${slot.slotIndex}`)
    return slot
  }
}

/** What of a market a test replaces. */
export type Faults = Partial<Market["Service"]>

export interface HostOptions {
  readonly tokens?: bigint
  /** How many slots of `slotSize` fit. */
  readonly slots?: bigint
  readonly policy?: Layer.Layer<HostPolicy>
  readonly faults?: (market: Market["Service"]) => Faults
  readonly sales?: SalesOptions
}

/** A host with an account, space and a data plane, whose sales can be started, killed and started again. */
export const makeHost = Effect.fnUntraced(function* (options: HostOptions = {}) {
  const chain = yield* MemoryChain
  const account: Address = yield* chain.newAccount
  yield* Effect.orDie(chain.mint(account, options.tokens ?? 1000n))
  const space = (options.slots ?? 10n) * slotSize
  const context = yield* Layer.build(Reservations.layerMemory({ quotaBytes: 100n * slotSize }))
  const reservations = Context.get(context, Reservations)
  const offer = (totalBytes: bigint) =>
    reservations.offer(
      new Offer({
        totalBytes,
        durationSeconds: 1_000_000n,
        minPricePerBytePerSecond: 0n,
        totalCollateral: 1_000n,
        enabled: true,
        untilSeconds: 0n,
      }),
    )
  if (space > 0n) yield* Effect.orDie(offer(space))
  const real = chain.market(account)
  const market: Market["Service"] = { ...real, ...options.faults?.(real) }
  const storage = new StorageScript()

  const salesLayer = (life: Life) =>
    Sales.layer(options.sales).pipe(
      Layer.provide([
        Layer.succeed(Market, mortal(market, life)),
        Layer.succeed(Reservations, mortal(reservations, life)),
        Layer.succeed(SlotStorage, mortal(storage.service(reservations), life)),
        ChainClock.layerSystem,
        options.policy ?? HostPolicy.layer,
      ]),
    )

  /** Starts the sales. `stop` closes them in order; `life.dead` and `life.crash` end them as `kill -9` would. */
  const run = Effect.fnUntraced(function* (life: Life = { dead: false }) {
    const scope = yield* Scope.fork(yield* Effect.scope)
    const sales = Context.get(yield* Layer.buildWithScope(Layer.fresh(salesLayer(life)), scope), Sales)
    yield* settle
    const name = (slot: SaleSlot) =>
      Effect.map(sales.slot(slot.slotId), (report) => Option.getOrUndefined(Option.map(report, ({ name }) => name)))
    const reaches = (slot: SaleSlot, wanted: string) =>
      Effect.gen(function* () {
        for (let i = 0; i < 50 && (yield* name(slot)) !== wanted; i++) yield* settle
        assert.strictEqual(yield* name(slot), wanted)
      })
    const reasons = Effect.map(sales.recentDecisions, (all) =>
      all.map(({ verdict, reason }) => `${verdict}: ${reason}`),
    )
    return { sales, life, name, reaches, reasons, stop: Scope.close(scope, Exit.void) }
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

/** Another host, played by the test: fills a slot at once. */
export const rivalFills = Effect.fnUntraced(function* (requestId: RequestId, slotIndex: bigint) {
  const chain = yield* MemoryChain
  const account = yield* chain.newAccount
  yield* chain.mint(account, 1000n)
  const market = chain.market(account)
  yield* market.approveFunds(100n)
  yield* market.deposit(100n)
  yield* market.fillSlot(requestId, slotIndex, new Uint8Array([1]))
  return market
})
