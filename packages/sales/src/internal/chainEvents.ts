import { Market, type MarketEvent } from "@pecia/market"
import { Effect, Stream } from "effect"
import { relentlessly } from "./retrying.ts"

/**
 * Hands each event of the market to `handle`, one after the other, for ever. Where reading breaks off, it is resumed from
 * the last block, so that nothing is missed and something may come twice. Without `fromBlock`: from the next block on.
 */
export const followMarket = Effect.fnUntraced(function* <R>(
  fromBlock: bigint | undefined,
  handle: (event: MarketEvent) => Effect.Effect<void, never, R>,
): Effect.fn.Return<never, never, R | Market> {
  const market = yield* Market
  let cursor = fromBlock
  const reading = Effect.suspend(() =>
    market.events(cursor === undefined ? {} : { fromBlock: cursor }).pipe(
      Stream.runForEach((event) =>
        Effect.suspend(() => {
          cursor = event.blockNumber
          return handle(event)
        }),
      ),
    ),
  )
  return yield* Effect.forever(relentlessly("The events of the market could not be read", reading))
})
