import { assert, describe, it } from "@effect/vitest"
import { MarketplaceConfig, SlotId } from "@pecia/contracts-abi"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { Market, MemoryChain, MemoryMarket } from "../src/index.ts"
import { MarketBed, MarketTest } from "../src/testing/index.ts"
import { failsWithPanic, filled, newSpender } from "../src/testing/Scenario.ts"

MarketTest.suite("MemoryMarket", MarketBed.layerMemory())

// The first slash leaves just the minimum, the amounts show how it is rounded, and nothing equals the reference.
const otherConfig = new MarketplaceConfig({
  collateral: { initialAmount: 1_000n, minimumAmount: 670n, slashCriterion: 2n, slashPercentage: 33n },
  proofs: { period: 60n, timeout: 7n, downtime: 10n },
})

MarketTest.suite("MemoryMarket with other constants", MarketBed.layerMemory({ config: otherConfig }))

const withoutPeriods = new MarketplaceConfig({
  ...otherConfig,
  proofs: { ...otherConfig.proofs, period: 0n },
})

const someSlot = SlotId.make(`0x${"5".repeat(64)}`)

describe("MemoryMarket", () => {
  it.effect(
    "panics when a payout of a refunded request finds the escrow too small, and never pays out of collateral",
    () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { client, host, pricePerSlot, request, requestId, slot } = yield* filled()
        const other = yield* newSpender(pricePerSlot)
        yield* other.deposit(pricePerSlot)
        yield* bed.advanceTo(request.expiry + 1n)
        yield* client.withdrawFunds(requestId)
        yield* failsWithPanic(host.freeSlot(slot))
        assert.deepStrictEqual(yield* host.mySlots, [slot])
      }).pipe(Effect.provide(MarketBed.layerMemory())),
  )

  it.effect("panics where proofs have periods of no length", () =>
    Effect.gen(function* () {
      const market = yield* Market
      yield* failsWithPanic(market.submitProof(someSlot, Uint8Array.of(1)))
      yield* failsWithPanic(market.isProofRequired(someSlot))
      yield* failsWithPanic(market.willProofBeRequired(someSlot))
      yield* failsWithPanic(market.getPointer(someSlot))
      yield* failsWithPanic(market.getChallenge(someSlot))
    }).pipe(Effect.provide(MemoryMarket.layerTest({ config: withoutPeriods }))),
  )

  it.effect("panics on an amount that is no uint256, and on an allowance that would not be one", () =>
    Effect.gen(function* () {
      const market = yield* Market
      yield* failsWithPanic(market.approveFunds(-1n))
      yield* failsWithPanic(market.deposit(-1n))
      yield* market.approveFunds(2n ** 256n - 2n)
      yield* failsWithPanic(market.approveFunds(2n))
    }).pipe(Effect.provide(MemoryMarket.layerTest())),
  )

  it.effect("never uses up an allowance of 2^256 - 1", () =>
    Effect.gen(function* () {
      const market = yield* Market
      yield* market.approveFunds(2n ** 256n - 1n)
      yield* market.deposit(10n)
      yield* failsWithPanic(market.approveFunds(1n))
    }).pipe(Effect.provide(MemoryMarket.layerTest())),
  )

  it.effect("cannot mint more than 2^256 - 1 tokens", () =>
    Effect.gen(function* () {
      const chain = yield* MemoryChain
      const account = yield* chain.newAccount
      yield* chain.mint(account, 2n ** 256n - 1n)
      yield* failsWithPanic(chain.mint(account, 1n))
    }).pipe(Effect.provide(MemoryChain.layer())),
  )

  it.effect("layerTest gives one account a million tokens, or as many as it is told", () =>
    Effect.gen(function* () {
      const balance = Effect.flatMap(Market, (market) => market.tokens(market.account))
      assert.strictEqual(yield* Effect.provide(balance, MemoryMarket.layerTest()), 1_000_000n)
      assert.strictEqual(yield* Effect.provide(balance, MemoryMarket.layerTest({ tokens: 3n })), 3n)
    }),
  )

  it.effect("layer gives several accounts their markets on one chain, whose views move with the clock", () =>
    Effect.gen(function* () {
      const chain = yield* MemoryChain
      const account = yield* chain.newAccount
      const market = yield* Effect.provide(Market, MemoryMarket.layer({ account }))
      assert.strictEqual(market.account, account)
      yield* chain.mint(account, 5n)
      assert.strictEqual(yield* market.tokens(account), 5n)
      const pointer = yield* market.getPointer(someSlot)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(yield* market.getPointer(someSlot), (pointer + 1n) % 256n)
    }).pipe(Effect.provide(MemoryChain.layer())),
  )
})
