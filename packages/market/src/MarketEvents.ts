import { Effect, Schedule, Stream } from "effect"
import { Market } from "./Market.ts"
import type { MarketEvent } from "./MarketEvent.ts"

/** From half a second up to half a minute between two tries. */
const backoff = Schedule.min([Schedule.exponential("500 millis"), Schedule.spaced("30 seconds")])

export const MarketEvents = {
  /**
   * Hands each event of the market to `handle`, one after the other, for ever: from block `fromBlock` (default: the next one) on.
   * Where reading or `handle` breaks off, it says so in the log and resumes from the block of the latest event, after half a second
   * to half a minute: from then on nothing is missed, and something may come twice. Before the first event it resumes as it began.
   */
  follow: Effect.fnUntraced(function* <R>(
    handle: (event: MarketEvent) => Effect.Effect<void, never, R>,
    options: { readonly fromBlock?: bigint } = {},
  ): Effect.fn.Return<never, never, R | Market> {
    const market = yield* Market
    let from = options
    const reading = Effect.suspend(() =>
      Stream.runForEach(market.events(from), (event) => {
        from = { fromBlock: event.blockNumber }
        return handle(event)
      }),
    ).pipe(
      Effect.catchDefect((defect) => Effect.fail(defect)),
      Effect.tapError((error) =>
        Effect.logWarning(
          `The events of the market could not be read: ${error instanceof Error ? error.message : String(error)} Trying again.`,
        ),
      ),
      Effect.retry(backoff),
      Effect.orDie,
    )
    return yield* Effect.forever(reading)
  }),
}
