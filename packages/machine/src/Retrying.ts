import { Effect, Predicate, Schedule } from "effect"

/** From half a second up to half a minute between two tries. */
export const backoff = Schedule.min([Schedule.exponential("500 millis"), Schedule.spaced("30 seconds")])

/** What failed, for the log and for people. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Whether a failure says of itself that it may pass. */
export const isRetryable = (error: unknown): boolean =>
  Predicate.hasProperty(error, "isRetryable") && error.isRetryable === true

/** For what has to be done in the end: tries for ever, and says each time why it did not work. Defects are tried again too. */
export const relentlessly = <A, E, R>(what: string, effect: Effect.Effect<A, E, R>): Effect.Effect<A, never, R> =>
  effect.pipe(
    Effect.catchDefect((defect) => Effect.fail(defect)),
    Effect.tapError((error) => Effect.logWarning(`${what}: ${reasonOf(error)} Trying again.`)),
    Effect.retry(backoff),
    Effect.orDie,
  )

/** How often something is tried that can be given up: with the longest pauses, for about a quarter of an hour. */
const tries = 35

/** For what can be given up: tries again while the failure may pass, either by `mayPass` or because it says so itself. */
export const patiently = <A, E, R>(
  what: string,
  effect: Effect.Effect<A, E, R>,
  mayPass: (error: E) => boolean = isRetryable,
): Effect.Effect<A, E, R> =>
  effect.pipe(
    Effect.tapError((error) => Effect.logInfo(`${what}: ${reasonOf(error)}`)),
    Effect.retry({ schedule: backoff, times: tries, while: (error) => mayPass(error) || isRetryable(error) }),
  )
