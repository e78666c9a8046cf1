import { Deferred, Effect, Fiber } from "effect"

/** Calls that are answered together, and what sends for them. */
interface Round<E> {
  sum: bigint
  callers: number
  readonly outcome: Deferred.Deferred<void, E>
  sending: Fiber.Fiber<unknown> | undefined
}

/** How long an interrupted caller waits for the outcome of what others wait for, too. */
const farewell = "10 seconds"

/**
 * Calls that come while `send` has not asked for its amount are done at once: it sends their sum, and they share its outcome. Whoever is
 * interrupted before that takes his amount with him; what nobody waits for any more is interrupted.
 */
export const summed = <E>(
  send: (takeSum: () => bigint) => Effect.Effect<void, E>,
): ((amount: bigint) => Effect.Effect<void, E>) => {
  let open: Round<E> | undefined
  const close = (round: Round<E>) => {
    if (open === round) open = undefined
    return round.sum
  }

  const start = Effect.fnUntraced(function* (round: Round<E>) {
    const sending = send(() => close(round)).pipe(
      Effect.ensuring(Effect.sync(() => close(round))),
      Deferred.into(round.outcome),
    )
    // It belongs to all of its callers, and ends with the last of them.
    round.sending = yield* Effect.forkDetach(sending, { startImmediately: true })
  })

  const leave = Effect.fnUntraced(function* (round: Round<E>, amount: bigint) {
    round.callers -= 1
    if (round.callers > 0 && round === open) {
      round.sum -= amount
    } else if (round.callers > 0) {
      yield* Effect.timeoutOption(Effect.exit(Deferred.await(round.outcome)), farewell)
    } else if (round.sending !== undefined) {
      close(round)
      yield* Fiber.interrupt(round.sending)
    }
  })

  return (amount) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.suspend(() => {
        const joined = open
        const round = joined ?? { sum: 0n, callers: 0, outcome: Deferred.makeUnsafe<void, E>(), sending: undefined }
        open = round
        round.sum += amount
        round.callers += 1
        const answered = Effect.onInterrupt(restore(Deferred.await(round.outcome)), () => leave(round, amount))
        return joined === undefined ? Effect.andThen(start(round), answered) : answered
      }),
    )
}
