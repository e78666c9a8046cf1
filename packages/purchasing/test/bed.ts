import { assert } from "@effect/vitest"
import { ChainClock } from "@pecia/clock"
import { type RequestId, StorageAsk, StorageContent, StoragePor, type StorageRequest } from "@pecia/contracts-abi"
import { type Life, mortal } from "@pecia/machine/testing"
import { ChainError, Market, MemoryChain, Reverted, Unreachable } from "@pecia/market"
import { Context, Effect, Exit, Fiber, Layer, Option, Scope } from "effect"
import { TestClock } from "effect/testing"
import { PurchaseJournal, type PurchaseRecord, Purchasing } from "../src/index.ts"

/** The beginning of time in these tests: unix seconds, the start of a period. */
export const start = 1_700_000_000n

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

/** Each member of the market that purchasing uses does not answer while `down` holds. */
export const whileDown =
  (down: { value: boolean }) =>
  (market: Market["Service"]): Partial<Market["Service"]> => {
    const guard = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      Effect.suspend((): Effect.Effect<A, E | ChainError, R> => (down.value ? unreachable : effect))
    return {
      myRequests: guard(market.myRequests),
      approveFunds: (amount) => guard(market.approveFunds(amount)),
      requestStorage: (request) => guard(market.requestStorage(request)),
      withdrawFunds: (id) => guard(market.withdrawFunds(id)),
      getRequest: (id) => guard(market.getRequest(id)),
      requestState: (id) => guard(market.requestState(id)),
      requestEnd: (id) => guard(market.requestEnd(id)),
    }
  }

/** Two slots for an hour; the price is 7200. */
export const anAsk = (terms: Partial<ConstructorParameters<typeof StorageAsk>[0]> = {}) =>
  new StorageAsk({
    slots: 2n,
    slotSize: 65_536n,
    duration: 3600n,
    proofProbability: 4n,
    reward: 1n,
    maxSlotLoss: 0n,
    ...terms,
  })
export const price = 7200n

const nothing = new Uint8Array()
export const content = new StorageContent({
  cid: "zb2rhheVmk3bLks5MgzTqyznLu1zqGH5jrfTA1eAZXrjx7Vob",
  erasure: { totalChunks: 2n },
  por: new StoragePor({ u: nothing, publicKey: nothing, name: nothing }),
})

/** What is bought in most tests: it expires ten minutes after now. */
export const terms = { ask: anAsk(), content, expirySeconds: 600n }

/** What of a market or a journal a test replaces. */
export type Faults<S> = (real: S) => Partial<S>

export interface ClientOptions {
  readonly tokens?: bigint
  readonly market?: Faults<Market["Service"]>
  readonly journal?: Faults<PurchaseJournal["Service"]>
}

/** A client with an account and a journal, whose purchasing can be started, killed and started again. */
export const makeClient = Effect.fnUntraced(function* (options: ClientOptions = {}) {
  const chain = yield* MemoryChain
  const account = yield* chain.newAccount
  yield* Effect.orDie(chain.mint(account, options.tokens ?? 10n * price))
  const real = chain.market(account)
  const market: Market["Service"] = { ...real, ...options.market?.(real) }
  const kept = Context.get(yield* Layer.build(Layer.fresh(PurchaseJournal.layerMemory)), PurchaseJournal)
  const journal: PurchaseJournal["Service"] = { ...kept, ...options.journal?.(kept) }

  const layer = (life: Life) =>
    Purchasing.layer.pipe(
      Layer.provide([
        Layer.succeed(Market, mortal(market, life)),
        Layer.succeed(PurchaseJournal, mortal(journal, life)),
        ChainClock.layerSystem,
      ]),
    )

  /** Starts purchasing. `stop` closes it in order; `life.dead` and `life.crash` end it as `kill -9` would. */
  const run = Effect.fnUntraced(function* (life: Life = { dead: false }) {
    const scope = yield* Scope.fork(yield* Effect.scope)
    const purchasing = Context.get(yield* Layer.buildWithScope(Layer.fresh(layer(life)), scope), Purchasing)
    yield* settle
    const report = (id: RequestId) =>
      Effect.map(purchasing.purchases, (all) => {
        const found = all.find((report) => report.id === id)
        return { name: found?.name, error: found === undefined ? undefined : Option.getOrUndefined(found.error) }
      })
    const name = (id: RequestId) => Effect.map(report(id), ({ name }) => name)
    const reaches = (id: RequestId, wanted: string | undefined) =>
      Effect.gen(function* () {
        for (let i = 0; i < 50 && (yield* name(id)) !== wanted; i++) yield* settle
        assert.strictEqual(yield* name(id), wanted)
      })
    return { purchasing, life, report, name, reaches, stop: Scope.close(scope, Exit.void) }
  })

  const records: Effect.Effect<ReadonlyArray<PurchaseRecord>> = Effect.orDie(kept.all)
  return { account, market: real, journal: kept, records, run, tokens: real.tokens(account) }
})

/** A host, played by the test: fills slots of a request, all of them by default. */
export const makeHost = Effect.gen(function* () {
  const chain = yield* MemoryChain
  const account = yield* chain.newAccount
  yield* chain.mint(account, 1000n)
  const market = chain.market(account)
  yield* market.approveFunds(100n)
  yield* market.deposit(100n)
  return {
    market,
    fill: (id: RequestId, request: StorageRequest, slots: bigint = request.ask.slots) =>
      Effect.gen(function* () {
        for (let index = 0n; index < slots; index++) yield* market.fillSlot(id, index, new Uint8Array([1]))
        yield* settle
      }),
  }
})
