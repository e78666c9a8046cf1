import { assert, describe, it } from "@effect/vitest"
import { Address, MarketplaceConfig, MarketplaceOptions } from "@pecia/contracts-abi"
import { Effect } from "effect"
import { MemoryChain, MemoryOfferMarket, OfferMarket } from "../src/index.ts"
import { OfferBed, OfferMarketTest } from "../src/testing/index.ts"

OfferMarketTest.suite("MemoryOfferMarket", OfferBed.layerMemory())

// The first slash leaves just the minimum, the amounts show how it is rounded, and nothing equals the reference.
const otherConfig = new MarketplaceConfig({
  collateral: { initialAmount: 1_000n, minimumAmount: 670n, slashCriterion: 2n, slashPercentage: 33n },
  proofs: { period: 60n, timeout: 7n, downtime: 10n },
})

const treasury = Address.make(`0x${"7e".repeat(20)}`)

OfferMarketTest.suite(
  "MemoryOfferMarket with other constants",
  OfferBed.layerMemory({
    config: otherConfig,
    options: new MarketplaceOptions({ treasury, markerPercentage: 35n, collateralPerSlot: false }),
  }),
)

const perSlot = new MarketplaceOptions({ treasury, markerPercentage: 100n, collateralPerSlot: true })

OfferMarketTest.suiteWithOptions(
  "MemoryOfferMarket with collateral for every contract",
  OfferBed.layerMemory({ options: perSlot }),
)

describe("MemoryOfferMarket", () => {
  it.effect("layerTest gives one account a million tokens, or as many as it is told", () =>
    Effect.gen(function* () {
      const balance = Effect.flatMap(OfferMarket, (market) => market.tokens(market.account))
      assert.strictEqual(yield* Effect.provide(balance, MemoryOfferMarket.layerTest()), 1_000_000n)
      assert.strictEqual(yield* Effect.provide(balance, MemoryOfferMarket.layerTest({ tokens: 3n })), 3n)
    }),
  )

  it.effect("layer gives an account its offer market on a chain that others share, with the chain's constants", () =>
    Effect.gen(function* () {
      const chain = yield* MemoryChain
      const account = yield* chain.newAccount
      const market = yield* Effect.provide(OfferMarket, MemoryOfferMarket.layer({ account }))
      assert.strictEqual(market.account, account)
      assert.strictEqual(yield* market.config, otherConfig)
      assert.strictEqual(yield* market.options, perSlot)
      yield* chain.mint(account, 5n)
      yield* market.approveFunds(5n)
      yield* market.deposit(5n)
      assert.strictEqual(yield* market.tokens(chain.offerContract), 5n)
    }).pipe(Effect.provide(MemoryChain.layer({ config: otherConfig, options: perSlot }))),
  )
})
