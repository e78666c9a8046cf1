import { assert, describe, it } from "@effect/vitest"
import { Address, MarketplaceConfig, MarketplaceOptions, SlotId } from "@pecia/contracts-abi"
import { Cause, Effect, Exit } from "effect"
import { TestClock } from "effect/testing"
import { Market, MemoryChain, MemoryMarket } from "../src/index.ts"
import { MarketBed, MarketTest } from "../src/testing/index.ts"
import { failsWithPanic } from "../src/testing/Scenario.ts"

MarketTest.suite("MemoryMarket", MarketBed.layerMemory())

// The first slash leaves just the minimum, the amounts show how it is rounded, and nothing equals the reference.
const otherConfig = new MarketplaceConfig({
  collateral: { initialAmount: 1_000n, minimumAmount: 670n, slashCriterion: 2n, slashPercentage: 33n },
  proofs: { period: 60n, timeout: 7n, downtime: 10n },
})

const treasury = Address.make(`0x${"7e".repeat(20)}`)

MarketTest.suite(
  "MemoryMarket with other constants",
  MarketBed.layerMemory({
    config: otherConfig,
    options: new MarketplaceOptions({ treasury, markerPercentage: 35n, collateralPerSlot: false }),
  }),
)

const perSlot = new MarketplaceOptions({ treasury, markerPercentage: 100n, collateralPerSlot: true })

MarketTest.suiteWithOptions("MemoryMarket with collateral per slot", MarketBed.layerMemory({ options: perSlot }))

const someSlot = SlotId.make(`0x${"5".repeat(64)}`)

type Constants<Part extends "proofs" | "collateral"> = Partial<MarketplaceConfig[Part]>

describe("MemoryMarket", () => {
  it.effect.each<readonly [reason: string, proofs: Constants<"proofs">, collateral: Constants<"collateral">]>([
    ["Invalid period", { period: 0n, timeout: 0n }, { slashCriterion: 0n }],
    ["Timeout too long", { timeout: 42n * 60n + 1n }, { slashCriterion: 0n }],
    ["Invalid slash criterion", { timeout: 42n * 60n }, { slashCriterion: 0n, slashPercentage: 101n }],
    ["Invalid slash percentage", {}, { slashPercentage: 101n }],
  ])("cannot be deployed with constants that make no sense: %s", ([reason, proofs, collateral]) =>
    Effect.gen(function* () {
      const config = new MarketplaceConfig({
        collateral: { ...otherConfig.collateral, ...collateral },
        proofs: { ...otherConfig.proofs, ...proofs },
      })
      const exit = yield* Effect.exit(Effect.provide(Market, MemoryMarket.layerTest({ config })))
      const defect = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
      assert.strictEqual(
        defect instanceof Error ? defect.message : undefined,
        `The contract refused to be deployed: ${reason}.`,
      )
    }),
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
      yield* TestClock.adjust("9 seconds")
      assert.strictEqual(yield* market.getPointer(someSlot), pointer)
      yield* TestClock.adjust("1 second")
      assert.notStrictEqual(yield* market.getPointer(someSlot), pointer)
    }).pipe(Effect.provide(MemoryChain.layer())),
  )
})
