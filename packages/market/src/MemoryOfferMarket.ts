import type { Address } from "@pecia/contracts-abi"
import { Effect, Layer } from "effect"
import { MemoryChain, type MemoryChainTerms } from "./MemoryChain.ts"
import { OfferMarket } from "./OfferMarket.ts"

/**
 * The reference implementation of `OfferMarket`: what it does is what the contract does.
 *
 * It stands on the chain and the token of `MemoryMarket`, with books of its own. Its rules are in `internal/offers/`: requests.ts has
 * those of clients, offers.ts and bids.ts offering and selecting, contracts.ts and proofs.ts what comes of it. Collateral and when
 * proofs are due are the same rules as those of the marketplace (`internal/contract/`).
 */
export const MemoryOfferMarket = {
  /** The offer market of one account, on a chain that others can share. */
  layer: (options: { readonly account: Address }): Layer.Layer<OfferMarket, never, MemoryChain> =>
    Layer.effect(
      OfferMarket,
      Effect.map(MemoryChain, (chain) => chain.offerMarket(options.account)),
    ),

  /** The offer market of one new account with `tokens` in its wallet (default: a million), on a chain of its own. */
  layerTest: (options?: MemoryChainTerms & { readonly tokens?: bigint }): Layer.Layer<OfferMarket | MemoryChain> =>
    Layer.effect(
      OfferMarket,
      Effect.gen(function* () {
        const chain = yield* MemoryChain
        const account = yield* chain.newAccount
        yield* Effect.orDie(chain.mint(account, options?.tokens ?? 1_000_000n))
        return chain.offerMarket(account)
      }),
    ).pipe(Layer.provideMerge(MemoryChain.layer(options))),
}
