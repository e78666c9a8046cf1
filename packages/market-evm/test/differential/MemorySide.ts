import type { Address, MarketplaceConfig, MarketplaceOptions } from "@pecia/contracts-abi"
import { type ChainError, type Market, type MarketEvent, MemoryChain } from "@pecia/market"
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

/** A market as one account sees it. */
interface Seen<Event> {
  readonly events: (options: { readonly fromBlock: bigint }) => Stream.Stream<Event, ChainError>
}

/**
 * The rules on a chain of their own, and the markets of the accounts there. Its clock stands still; `within` has to run all that is
 * asked of it.
 */
export const memoryChain = Effect.fnUntraced(function* <Event, M extends Seen<Event>>(
  { accounts, ...terms }: MemorySideOptions,
  marketOf: (chain: MemoryChain["Service"], account: Address) => M & Seen<Event>,
) {
  const still = yield* TestClock.make()
  const within = Effect.provideService(Clock.Clock, still)
  const chain = Context.get(yield* within(Layer.build(MemoryChain.layer(terms))), MemoryChain)
  const markets = accounts.map((account) => marketOf(chain, account))
  const heard: Array<Event> = []
  yield* Effect.forEach(markets.slice(0, 1), ({ events }) =>
    Effect.forkScoped(
      Stream.runForEach(events({ fromBlock: 0n }), (event) => Effect.sync(() => heard.push(event))),
      { startImmediately: true },
    ),
  )
  // who listens is woken before this goes on
  const news = Effect.map(Effect.yieldNow, (): ReadonlyArray<Event> => heard.splice(0))
  return { chain, markets, news, within }
})

/** The rules as `MemoryMarket` has them. */
export const memorySide = Effect.fnUntraced(function* (options: MemorySideOptions) {
  const { chain, markets, news, within } = yield* memoryChain<MarketEvent, Market["Service"]>(
    options,
    ({ market }, account) => market(account),
  )
  const { advanceTo, contract, forciblyFreeSlot, head, mine, mint } = chain
  const side: Side = { contract, markets, mint, forciblyFreeSlot, advanceTo, mine, head, news }
  return { side, within }
})
