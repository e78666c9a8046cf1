import { Market, type MarketEvent } from "@pecia/market"
import { Effect, Stream } from "effect"
import { relentlessly } from "./retrying.ts"

/**
 * Hands each event of the market from the next block on to `handle`, one after the other, for ever. Where reading breaks off, it
 * is resumed from the last block, so that nothing is missed and something may come twice.
 */
export const followMarket = Effect.fnUntraced(function* <R>(
  handle: (event: MarketEvent) => Effect.Effect<void, never, R>,
): Effect.fn.Return<never, never, R | Market> {
  const market = yield* Market
  let cursor: bigint | undefined
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
