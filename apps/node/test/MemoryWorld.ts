import { type Address, ContentHash, MarketplaceConfig, Nonce, OpenRequest } from "@pecia/contracts-abi"
import { MemoryNetwork } from "@pecia/exchange"
import { MemoryChain } from "@pecia/market"
import { Effect, Fiber, Layer, type Scope } from "effect"
import { TestClock } from "effect/testing"

/** A chain and a network for the nodes of one test, under `TestClock`. Proofs are due often: periods of ten seconds, hardly any downtime. */
const layerWorld = Layer.merge(
  MemoryNetwork.layer,
  MemoryChain.layer({
    config: new MarketplaceConfig({
      collateral: { initialAmount: 100n, minimumAmount: 40n, slashCriterion: 3n, slashPercentage: 10n },
      proofs: { period: 10n, timeout: 5n, downtime: 2n },
    }),
  }),
)

/** Runs a test in a world of its own; its nodes stop before their world ends. */
export const inWorld = <A, E>(test: Effect.Effect<A, E, MemoryChain | MemoryNetwork | Scope.Scope>) =>
  test.pipe(Effect.scoped, Effect.provide(layerWorld))

/** An account with so many tokens. */
export const newAccount = Effect.fnUntraced(function* (tokens: bigint) {
  const chain = yield* MemoryChain
  const account = yield* chain.newAccount
  yield* chain.mint(account, tokens)
  return account
})

/** What an account has, in its wallet and as collateral on the marketplace. */
export const wealth = Effect.fnUntraced(function* (account: Address) {
  const market = (yield* MemoryChain).market(account)
  return { tokens: yield* market.tokens(account), collateral: yield* market.collateral(account) }
})

/** A stranger's request for offers on the chain: one block for a hundred seconds, at two tokens per byte and second. Nobody selects. */
export const newOpenRequest = Effect.fnUntraced(function* ({ expirySeconds = 60n, blocks = 1n } = {}) {
  const chain = yield* MemoryChain
  const size = blocks * 65_536n
  const maxPrice = 2n * size * 100n
  const client = yield* newAccount(maxPrice)
  const market = chain.offerMarket(client)
  const request = new OpenRequest({
    client,
    duration: 100n,
    size,
    contentHash: ContentHash.make(`0x${"77".repeat(32)}`),
    proofProbability: 1n,
    maxPrice,
    expiry: (yield* chain.now) + expirySeconds,
    nonce: Nonce.fromBytes(new Uint8Array(32)),
  })
  yield* market.approveFunds(maxPrice)
  return { id: yield* market.requestStorage(request), request }
})

/** Everything runs on this one event loop and waits for nothing but the clock: after so many turns whatever was begun is done. */
const turns = 50

/** Lets the nodes finish what they are at, without any time passing. */
export const settle = Effect.promise(async () => {
  for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
})

/** Lets seconds pass, a block each, until it is so. */
export const until = Effect.fnUntraced(function* <E, R>(what: string, holds: Effect.Effect<boolean, E, R>) {
  const chain = yield* MemoryChain
  for (let second = 0; second < 1_000; second++) {
    yield* settle
    if (yield* holds) return
    yield* TestClock.adjust("1 second")
    yield* chain.mine()
  }
  return yield* Effect.die(`A thousand seconds have passed, and it is still not so: ${what}`)
})

/** Lets seconds pass, and no block come, until the effect has ended. */
export const whileTimePasses = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const fiber = yield* Effect.forkChild(effect, { startImmediately: true })
  while (fiber.pollUnsafe() === undefined) {
    yield* settle
    yield* TestClock.adjust("1 second")
  }
  return yield* Fiber.join(fiber)
})
