import { Effect, Fiber, type Scope } from "effect"

/**
 * For what is sent. Who leaves the state in which it was begun waits for its outcome, however long that takes; who closes the
 * machine's scope interrupts it, and `Market` says how long its outcome is waited for then.
 */
export const settled = <A, E, R>(sending: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | Scope.Scope> =>
  Effect.uninterruptible(Effect.flatMap(Effect.forkScoped(sending, { startImmediately: true }), Fiber.join))
