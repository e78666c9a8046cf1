import type { Address } from "@pecia/contracts-abi"
import { Context, Effect, Layer } from "effect"
import type { Market } from "../Market.ts"
import type { ChainError } from "../MarketError.ts"
import { MemoryChain, type MemoryChainTerms } from "../MemoryChain.ts"
import type { OfferMarket } from "../OfferMarket.ts"
import { MarketBed } from "./MarketBed.ts"

/** The offer market and the marketplace, as one account sees them. */
export interface Trader {
  readonly offers: OfferMarket["Service"]
  readonly market: Market["Service"]
}

/**
 * What `OfferMarketTest` needs besides `OfferMarket`. The bed stands beside a `MarketBed`, with its law, on the same chain and with
 * the same token: that one has the hand on the clock. The constants of the offer market are within the bounds named there.
 */
export class OfferBed extends Context.Service<
  OfferBed,
  {
    /** Where the offer market keeps its tokens. */
    readonly contract: Address
    /** Both markets of an account that never took part before, with `tokens` in its wallet and nothing approved. */
    readonly newTrader: (tokens: bigint) => Effect.Effect<Trader, ChainError>
  }
>()("@pecia/market/testing/OfferBed") {
  /** On a chain in memory; under `TestClock`, where time stands still of itself. */
  static readonly layerMemory = (terms?: MemoryChainTerms): Layer.Layer<MarketBed | OfferBed> =>
    Layer.effect(
      OfferBed,
      Effect.map(MemoryChain, (chain) =>
        OfferBed.of({
          contract: chain.offerContract,
          newTrader: Effect.fnUntraced(function* (tokens) {
            const account = yield* chain.newAccount
            yield* chain.mint(account, tokens)
            return { offers: chain.offerMarket(account), market: chain.market(account) }
          }),
        }),
      ),
    ).pipe(Layer.provideMerge(MarketBed.layerOnChain), Layer.provide(MemoryChain.layer(terms)))
}
