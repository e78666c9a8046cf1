import type { Address } from "@pecia/contracts-abi"
import { Effect, Layer } from "effect"
import { Market } from "./Market.ts"
import { MemoryChain, type MemoryChainTerms } from "./MemoryChain.ts"

/**
 * The reference implementation of `Market`: what it does is what the contract does.
 *
 * Its rules are one short function each, in the order of the contract interface. In `internal/contract/`, as all our contracts have
 * them: collateral.ts is section 2.1, missingProofs.ts 2.7, proofs.ts 4. In `internal/marketplace/`: requests.ts is 2.2 and 2.8,
 * slots.ts 2.3 to 2.5, proofs.ts 2.6, derived.ts 3. Where a rule of `@pecia/contracts` is sounder than the interface asks for, it is
 * that rule; earnings.ts says who gets what.
 */
export const MemoryMarket = {
  /** The market of one account, on a chain that others can share. */
  layer: (options: { readonly account: Address }): Layer.Layer<Market, never, MemoryChain> =>
    Layer.effect(
      Market,
      Effect.map(MemoryChain, (chain) => chain.market(options.account)),
    ),

  /** The market of one new account with `tokens` in its wallet (default: a million), on a chain of its own. */
  layerTest: (options?: MemoryChainTerms & { readonly tokens?: bigint }): Layer.Layer<Market | MemoryChain> =>
    Layer.effect(
      Market,
      Effect.gen(function* () {
        const chain = yield* MemoryChain
        const account = yield* chain.newAccount
        yield* Effect.orDie(chain.mint(account, options?.tokens ?? 1_000_000n))
        return chain.market(account)
      }),
    ).pipe(Layer.provideMerge(MemoryChain.layer(options))),
}
