import { assert, layer } from "@effect/vitest"
import { Address, OfferId } from "@pecia/contracts-abi"
import { ChainError, Market, OfferMarket } from "@pecia/market"
import { Context, Effect, Layer, Option } from "effect"
import { MarketEvm, OfferMarketEvm, type OfferMarketEvmOptions, TransactionQueue } from "../src/index.ts"
import { pollingInterval, TestDeployment } from "./AnvilBed.ts"

const nobody = Address.make(`0x${"12".repeat(20)}`)

/** Options that work. */
const good = Effect.gen(function* () {
  const { chainId, offerMarket, newKey, url } = yield* TestDeployment
  const options: OfferMarketEvmOptions = {
    url,
    chainId,
    offerMarket: Option.getOrThrow(offerMarket),
    privateKey: yield* newKey(10n),
    pollingInterval,
  }
  return options
})

/** Why the layer cannot be built with options that differ from good ones. */
const refusal = Effect.fnUntraced(function* (wrong: Partial<OfferMarketEvmOptions>) {
  const error = yield* Effect.flip(Layer.build(OfferMarketEvm.layer({ ...(yield* good), ...wrong })))
  assert.instanceOf(error, ChainError)
  assert.isFalse(error.isRetryable)
  return error.message
})

layer(TestDeployment.layerOf({ verifier: "TestVerifier" }), { excludeTestServices: true, timeout: "60 seconds" })(
  "OfferMarketEvm",
  (it) => {
    it.effect("layer opens the offer market of the key's account", () =>
      Effect.gen(function* () {
        const context = yield* Layer.build(OfferMarketEvm.layer(yield* good))
        const market = Context.get(context, OfferMarket)
        assert.strictEqual(market.account, Context.get(context, TransactionQueue).account)
        assert.strictEqual((yield* market.config).proofs.period, 10n)
        assert.strictEqual((yield* market.options).collateralPerSlot, false)
        const unknown = OfferId.make(`0x${"0".repeat(64)}`)
        assert.strictEqual(yield* market.contractState(unknown), "None")
        assert.isTrue(Option.isNone(yield* market.proofEnd(unknown)))
      }),
    )

    it.effect("layerAccount stands on the account's one queue, beside its marketplace", () =>
      Effect.gen(function* () {
        const { marketplace } = yield* TestDeployment
        const options = yield* good
        const both = OfferMarketEvm.layerAccount(options).pipe(
          Layer.provideMerge(MarketEvm.layerAccount({ ...options, marketplace })),
          Layer.provideMerge(MarketEvm.layerChain(options)),
        )
        const context = yield* Layer.build(both)
        const [market, offers] = [Context.get(context, Market), Context.get(context, OfferMarket)]
        assert.strictEqual(market.account, offers.account)
        const writes = Array.from({ length: 12 }, (_, place) => (place % 2 === 0 ? market : offers).approveFunds(1n))
        yield* Effect.all(writes, { concurrency: "unbounded" })
        yield* Effect.all([market.deposit(5n), offers.deposit(5n)], { concurrency: "unbounded" })
        assert.strictEqual(yield* market.collateral(market.account), 5n)
        assert.strictEqual(yield* offers.collateral(offers.account), 5n)
      }),
    )

    it.effect("says that there is no contract at the address, or another one, be it the marketplace", () =>
      Effect.gen(function* () {
        const { marketplace, offerMarket, token, url } = yield* TestDeployment
        assert.strictEqual(
          yield* refusal({ offerMarket: nobody }),
          `There is no contract at ${nobody} on the chain at ${url} (chain id 31337); deploy the offer market there, or correct its address.`,
        )
        for (const other of [token, marketplace]) {
          assert.strictEqual(
            yield* refusal({ offerMarket: other }),
            `The contract at ${other} on the chain at ${url} is no offer market of this version; correct its address.`,
          )
        }
        const options = { ...(yield* good), marketplace: Option.getOrThrow(offerMarket) }
        const { message } = yield* Effect.flip(Layer.build(MarketEvm.layer(options)))
        assert.include(message, "is no marketplace of this version; correct its address.")
      }),
    )
  },
)
