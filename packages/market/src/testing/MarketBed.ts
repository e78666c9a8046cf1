import type { Address, SlotId } from "@pecia/contracts-abi"
import { Context, Effect, Layer } from "effect"
import type { Market } from "../Market.ts"
import type { ChainError } from "../MarketError.ts"
import { MemoryChain, type MemoryChainTerms } from "../MemoryChain.ts"

/**
 * What `MarketTest` needs of a chain besides `Market`: accounts, and a hand on the clock.
 *
 * Law: the bed is built once and shared by all tests of a suite, one after the other; they keep apart by fresh accounts. Time
 * stands still: every block has the time of the latest `advanceTo`, however many there are and however long they take. (On
 * anvil: `anvil_setBlockTimestampInterval 0`, then `evm_setNextBlockTimestamp`.) A transaction is mined at once.
 *
 * The constants of the contract are the bed's own, within these bounds: a period of at least 5 seconds, a timeout of 3 seconds
 * or more and less than a period, a downtime of 1 to 128 blocks, and a slash percentage that empties the collateral of
 * `initialAmount` below `minimumAmount` in at most 30 misses. The reference deployment is within them.
 */
export class MarketBed extends Context.Service<
  MarketBed,
  {
    /** Where the marketplace keeps its tokens. */
    readonly contract: Address
    /** The market of an account that never took part before, with `tokens` in its wallet and nothing approved. */
    readonly newMarket: (tokens: bigint) => Effect.Effect<Market["Service"], ChainError>
    /** The number of the latest block. */
    readonly blockNumber: Effect.Effect<bigint, ChainError>
    /** The time of all blocks until the next `advanceTo`, in unix seconds; at least 1,000. */
    readonly now: Effect.Effect<bigint, ChainError>
    /** Mines one block at `time` (unix seconds, now or later), where time stands still again. */
    readonly advanceTo: (time: bigint) => Effect.Effect<void, ChainError>
    /** Mines `count` empty blocks at the time of now. */
    readonly advanceBlocks: (count: bigint) => Effect.Effect<void, ChainError>
    /** `forciblyFreeSlot` of the contract's test build. */
    readonly forciblyFreeSlot: (slotId: SlotId) => Effect.Effect<void, ChainError>
  }
>()("@pecia/market/testing/MarketBed") {
  /** On a chain in memory, which others can share. */
  static readonly layerOnChain: Layer.Layer<MarketBed, never, MemoryChain> = Layer.effect(
    MarketBed,
    Effect.gen(function* () {
      const chain = yield* MemoryChain
      yield* chain.advanceTo(1_700_000_000n)
      return MarketBed.of({
        contract: chain.contract,
        newMarket: Effect.fnUntraced(function* (tokens) {
          const account = yield* chain.newAccount
          yield* chain.mint(account, tokens)
          return chain.market(account)
        }),
        blockNumber: Effect.map(chain.head, ({ number }) => number),
        now: chain.now,
        advanceTo: chain.advanceTo,
        advanceBlocks: chain.mine,
        forciblyFreeSlot: chain.forciblyFreeSlot,
      })
    }),
  )

  /** On a chain in memory of its own; under `TestClock`, where time stands still of itself. */
  static readonly layerMemory = (terms?: MemoryChainTerms): Layer.Layer<MarketBed> =>
    Layer.provide(MarketBed.layerOnChain, MemoryChain.layer(terms))
}
