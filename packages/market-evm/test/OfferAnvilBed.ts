import type { DeployOptions } from "@pecia/contracts"
import { Market, OfferMarket } from "@pecia/market"
import { OfferBed } from "@pecia/market/testing"
import { Context, Effect, Layer, Option, Scope } from "effect"
import { BlockReader, Chain, type ChainRpc, type LogReader, MarketEvm, OfferMarketEvm } from "../src/index.ts"
import { layerBed, layerReaders, TestDeployment, withOptions } from "./AnvilBed.ts"

/** Opens both markets of new accounts, each on one queue, on the shared readers; they close with the scope. */
export const traderOpener = Effect.gen(function* () {
  const { marketplace, newKey, offerMarket: deployed } = yield* TestDeployment
  const offerMarket = Option.getOrThrow(deployed)
  const shared = yield* Effect.context<ChainRpc | BlockReader | LogReader>()
  const scope = yield* Effect.scope
  return Effect.fnUntraced(function* (tokens: bigint) {
    const privateKey = yield* Effect.orDie(newKey(tokens))
    const both = Layer.provideMerge(
      OfferMarketEvm.layerAccount({ offerMarket }),
      MarketEvm.layerAccount({ marketplace, privateKey }),
    )
    const built = yield* Effect.provideContext(Layer.build(both), Context.add(shared, Scope.Scope, scope))
    return { offers: Context.get(built, OfferMarket), market: Context.get(built, Market) }
  })
})

const layerOffers = Layer.effect(
  OfferBed,
  Effect.gen(function* () {
    const blocks = yield* BlockReader
    const { offerMarket } = yield* TestDeployment
    const newTrader = yield* traderOpener
    return OfferBed.of({
      contract: Option.getOrThrow(offerMarket),
      // the tokens were minted past the queue
      newTrader: (tokens) =>
        Effect.tap(newTrader(tokens), () =>
          Effect.flatMap(blocks.chain, (chain) => blocks.reach(Chain.head(chain).number)),
        ),
    })
  }),
)

const layerOf = (kind: Partial<DeployOptions>) =>
  Layer.merge(layerBed, layerOffers).pipe(Layer.provide(layerReaders()), Layer.provide(TestDeployment.layerOf(kind)))

/** Both markets on anvil, with a verifier that takes any proof that is not empty. */
export const layerOfferAnvilBed = layerOf({ verifier: "TestVerifier" })
export const layerOfferAnvilBedWithOptions = layerOf(withOptions)
