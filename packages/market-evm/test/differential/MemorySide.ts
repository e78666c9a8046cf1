import type { Address, MarketplaceConfig, MarketplaceOptions } from "@pecia/contracts-abi"
import { type MarketEvent, MemoryChain } from "@pecia/market"
import { Clock, Context, Effect, Layer, Stream } from "effect"
import { TestClock } from "effect/testing"
import type { Side } from "./Side.ts"

export interface MemorySideOptions {
  readonly config: MarketplaceConfig
  readonly options: MarketplaceOptions
  readonly accounts: ReadonlyArray<Address>
  /** Of the other side, so that both are asked for the same proofs. */
  readonly blockHash?: (number: bigint) => bigint
}

/** The rules as `MemoryMarket` has them, on a chain of their own. Its clock stands still; `within` has to run all that is asked of it. */
export const memorySide = Effect.fnUntraced(function* ({ accounts, ...terms }: MemorySideOptions) {
  const still = yield* TestClock.make()
  const within = Effect.provideService(Clock.Clock, still)
  const chain = Context.get(yield* within(Layer.build(MemoryChain.layer(terms))), MemoryChain)
  const markets = accounts.map(chain.market)
  const heard: Array<MarketEvent> = []
  yield* Effect.forEach(markets.slice(0, 1), ({ events }) =>
    Effect.forkScoped(
      Stream.runForEach(events({ fromBlock: 0n }), (event) => Effect.sync(() => heard.push(event))),
      { startImmediately: true },
    ),
  )
  const side: Side = {
    contract: chain.contract,
    markets,
    mint: chain.mint,
    forciblyFreeSlot: chain.forciblyFreeSlot,
    advanceTo: chain.advanceTo,
    mine: chain.mine,
    head: chain.head,
    // who listens is woken before this goes on
    news: Effect.map(Effect.yieldNow, () => heard.splice(0)),
  }
  return { side, within }
})
