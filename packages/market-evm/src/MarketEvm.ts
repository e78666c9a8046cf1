import { ChainClock } from "@pecia/clock"
import type { Address } from "@pecia/contracts-abi"
import { type ChainError, Market } from "@pecia/market"
import { Effect, Layer } from "effect"
import { BlockReader, type BlockReaderOptions } from "./BlockReader.ts"
import { ChainRpc, type ChainRpcOptions } from "./ChainRpc.ts"
import { eventsOf } from "./internal/eventsOf.ts"
import { eventOfLog } from "./internal/marketplace/eventOfLog.ts"
import { viewsOf } from "./internal/marketplace/views.ts"
import { writesOf } from "./internal/marketplace/writes.ts"
import { openMarketplace } from "./internal/openContract.ts"
import { LogReader, type LogReaderOptions } from "./LogReader.ts"
import { TransactionQueue, type TransactionQueueOptions } from "./TransactionQueue.ts"

export interface ChainOptions extends ChainRpcOptions, BlockReaderOptions, LogReaderOptions {}

export interface AccountOptions extends TransactionQueueOptions {
  readonly marketplace: Address
}

export interface MarketEvmOptions extends ChainOptions, AccountOptions {}

const layerChain = (options: ChainOptions): Layer.Layer<ChainRpc | BlockReader | LogReader, ChainError> =>
  LogReader.layer(options).pipe(
    Layer.provideMerge(BlockReader.layer(options)),
    Layer.provideMerge(ChainRpc.layer(options)),
  )

const layerAccount = (
  options: AccountOptions,
): Layer.Layer<Market | TransactionQueue, ChainError, ChainRpc | BlockReader | LogReader> =>
  Layer.effect(
    Market,
    Effect.gen(function* () {
      const queue = yield* TransactionQueue
      const logs = yield* LogReader
      const marketplace = yield* openMarketplace(options.marketplace, queue.account)
      const events = eventsOf(logs, options.marketplace, "marketplace", eventOfLog)
      return Market.of({ ...viewsOf(marketplace), ...writesOf(marketplace, queue), events })
    }),
  ).pipe(Layer.provideMerge(TransactionQueue.layer(options)))

/** `Market` on an EVM chain, through a node that is asked over HTTP. */
export const MarketEvm = {
  /**
   * The market of one account. Building fails within seconds, with a sentence that says what to do, when no node answers, the chain
   * is another one than expected, or no marketplace stands at the address.
   */
  layer: (
    options: MarketEvmOptions,
  ): Layer.Layer<Market | TransactionQueue | ChainRpc | BlockReader | LogReader, ChainError> =>
    Layer.provideMerge(layerAccount(options), layerChain(options)),

  /** What the accounts of one process share: one connection, one reader of blocks, one of events. */
  layerChain,

  /** The market of one more account on the same chain. */
  layerAccount,

  /** The time of the chain. */
  layerClock: Layer.unwrap(
    Effect.map(BlockReader, ({ blocks }) => ChainClock.layerBlocks(blocks)),
  ) satisfies Layer.Layer<ChainClock, never, BlockReader>,
}
