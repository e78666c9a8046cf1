import type { Address } from "@pecia/contracts-abi"
import { type ChainError, OfferMarket } from "@pecia/market"
import { Effect, Layer } from "effect"
import type { BlockReader } from "./BlockReader.ts"
import type { ChainRpc } from "./ChainRpc.ts"
import { eventsOf } from "./internal/eventsOf.ts"
import { offerEventOfLog } from "./internal/offers/eventOfLog.ts"
import { offerViewsOf } from "./internal/offers/views.ts"
import { offerWritesOf } from "./internal/offers/writes.ts"
import { openOfferMarket } from "./internal/openContract.ts"
import { LogReader } from "./LogReader.ts"
import { type ChainOptions, MarketEvm } from "./MarketEvm.ts"
import { TransactionQueue, type TransactionQueueOptions } from "./TransactionQueue.ts"

export interface OfferAccountOptions {
  readonly offerMarket: Address
}

export interface OfferMarketEvmOptions extends ChainOptions, TransactionQueueOptions, OfferAccountOptions {}

const layerAccount = (
  options: OfferAccountOptions,
): Layer.Layer<OfferMarket, ChainError, TransactionQueue | ChainRpc | LogReader> =>
  Layer.effect(
    OfferMarket,
    Effect.gen(function* () {
      const queue = yield* TransactionQueue
      const logs = yield* LogReader
      const offerMarket = yield* openOfferMarket(options.offerMarket, queue.account)
      const events = eventsOf(logs, options.offerMarket, "offer market", offerEventOfLog)
      return OfferMarket.of({ ...offerViewsOf(offerMarket), ...offerWritesOf(offerMarket, queue), events })
    }),
  )

/** `OfferMarket` on an EVM chain, through a node that is asked over HTTP. */
export const OfferMarketEvm = {
  /** The offer market of one account that has no business on the marketplace. Building fails as that of `MarketEvm.layer`. */
  layer: (
    options: OfferMarketEvmOptions,
  ): Layer.Layer<OfferMarket | TransactionQueue | ChainRpc | BlockReader | LogReader, ChainError> =>
    layerAccount(options).pipe(
      Layer.provideMerge(TransactionQueue.layer(options)),
      Layer.provideMerge(MarketEvm.layerChain(options)),
    ),

  /**
   * The offer market of an account whose queue is there already, as `MarketEvm.layerAccount` provides it: the writes of an account go
   * through one queue, to whatever contracts.
   */
  layerAccount,
}
