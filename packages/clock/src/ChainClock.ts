import { Context, type Effect, Schema } from "effect"

/** The limit given to `withTimeout` has passed on the chain. */
export class TimedOut extends Schema.TaggedError<TimedOut>()("TimedOut", {
  /** Unix seconds. */
  limit: Schema.BigInt,
}) {}

/**
 * The time of the chain, in unix seconds.
 *
 * Law: `now` never falls. `waitUntil(t)` ends as soon as `now >= t`, `waitPast(t)` as soon as `now > t`: the contract's
 * limits (expiry, end of a request) hold up to and including their second, so whoever acts after a limit waits past it.
 */
export class ChainClock extends Context.Service<
  ChainClock,
  {
    /** The time of the latest block. */
    readonly now: Effect.Effect<bigint>
    /** Waits until `now >= time`. */
    readonly waitUntil: (time: bigint) => Effect.Effect<void>
    /** Waits until `now > time`. */
    readonly waitPast: (time: bigint) => Effect.Effect<void>
    /** Runs `effect`; interrupts it and fails once `now > limit`. */
    readonly withTimeout: <A, E, R>(effect: Effect.Effect<A, E, R>, limit: bigint) => Effect.Effect<A, E | TimedOut, R>
  }
>()("@pecia/clock/ChainClock") {}
