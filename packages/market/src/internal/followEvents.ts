import { Cause, Data, Duration, Effect, Stream } from "effect"
import type { ChainError } from "../MarketError.ts"

interface Event {
  readonly _tag: string
  readonly blockNumber: bigint
}

/** From half a second up to half a minute between two tries. */
const pauseAfter = (failures: number): Duration.Duration =>
  Duration.min(Duration.millis(500 * 2 ** failures), Duration.seconds(30))

class Unhandled extends Data.TaggedError("Unhandled")<{
  readonly event: Event
  readonly defect: Cause.Cause<never>
}> {}

/** A fault of the program is told with its stack, a chain that cannot be read in a sentence. */
const tell = (noun: string, error: ChainError | Unhandled) =>
  error._tag === "Unhandled"
    ? Effect.logError(
        `The event ${error.event._tag} of block ${error.event.blockNumber} could not be handled; trying again.`,
        error.defect,
      )
    : Effect.logWarning(`The events of the ${noun} could not be read: ${error.message} Trying again.`)

/** `MarketEvents.follow`, for the events of any contract. `noun` is what people call it. */
export const followEvents = <E extends Event, R>(
  noun: string,
  events: (options: { readonly fromBlock?: bigint }) => Stream.Stream<E, ChainError>,
  handle: (event: E) => Effect.Effect<void, never, R>,
  options: { readonly fromBlock?: bigint } = {},
): Effect.Effect<never, never, R> => {
  let from = options
  let failures = 0

  const reading = Effect.suspend(() => {
    const { fromBlock: resumedFrom } = from
    return Stream.runForEach(events(from), (event) => {
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
  return reading.pipe(
    Effect.catch((error) => Effect.andThen(tell(noun, error), pause)),
    Effect.catchDefect((defect) =>
      Effect.andThen(
        Effect.logError(`The events of the ${noun} could not be read; trying again.`, Cause.die(defect)),
        pause,
      ),
    ),
    Effect.forever,
  )
}
