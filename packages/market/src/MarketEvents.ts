import { Cause, Data, Duration, Effect, Stream } from "effect"
import { Market } from "./Market.ts"
import type { ChainError } from "./MarketError.ts"
import type { MarketEvent } from "./MarketEvent.ts"

/** From half a second up to half a minute between two tries. */
const pauseAfter = (failures: number): Duration.Duration =>
  Duration.min(Duration.millis(500 * 2 ** failures), Duration.seconds(30))

class Unhandled extends Data.TaggedError("Unhandled")<{
  readonly event: MarketEvent
  readonly defect: Cause.Cause<never>
}> {}

/** A fault of the program is told with its stack, a chain that cannot be read in a sentence. */
const tell = (error: ChainError | Unhandled) =>
  error._tag === "Unhandled"
    ? Effect.logError(
        `The event ${error.event._tag} of block ${error.event.blockNumber} could not be handled; trying again.`,
        error.defect,
      )
    : Effect.logWarning(`The events of the market could not be read: ${error.message} Trying again.`)

export const MarketEvents = {
  /**
   * Hands each event of the market to `handle`, one after the other, for ever: from block `fromBlock` (default: the next one) on.
   * Where reading or `handle` breaks off, it says so in the log and resumes from the block of the latest event: from then on nothing
   * is missed, and something may come twice. Before the first event it resumes as it began. It waits for half a second, and for up to
   * half a minute while it makes no progress: while no event of another block is handled than that from which it resumed.
   */
  follow: Effect.fnUntraced(function* <R>(
    handle: (event: MarketEvent) => Effect.Effect<void, never, R>,
    options: { readonly fromBlock?: bigint } = {},
  ): Effect.fn.Return<never, never, R | Market> {
    const market = yield* Market
    let from = options
    let failures = 0

    const reading = Effect.suspend(() => {
      const { fromBlock: resumedFrom } = from
      return Stream.runForEach(market.events(from), (event) => {
        from = { fromBlock: event.blockNumber }
        return handle(event).pipe(
          Effect.catchCauseIf(Cause.hasDies, (defect) => Effect.fail(new Unhandled({ event, defect }))),
          Effect.andThen(
            Effect.sync(() => {
              if (event.blockNumber !== resumedFrom) failures = 0
            }),
          ),
        )
      })
    })
    const pause = Effect.suspend(() => Effect.sleep(pauseAfter(failures++)))
    return yield* reading.pipe(
      Effect.catch((error) => Effect.andThen(tell(error), pause)),
      Effect.catchDefect((defect) =>
        Effect.logError("The events of the market could not be read; trying again.", Cause.die(defect)).pipe(
          Effect.andThen(pause),
        ),
      ),
      Effect.forever,
    )
  }),
}
