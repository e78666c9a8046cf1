import { Deferred, Effect, Semaphore } from "effect"

/**
 * Serves many at once: whoever asks while others are being served waits, and is then served together with all who wait. `serve`
 * answers each of those that it is given, in their order. Nobody is interrupted while others count on it.
 */
export const make = <A, B>(serve: (asked: ReadonlyArray<A>) => Effect.Effect<ReadonlyArray<B>>) => {
  const turn = Semaphore.makeUnsafe(1)
  let waiting: { readonly asked: Array<A>; readonly served: Deferred.Deferred<ReadonlyArray<B>> } | undefined

  const lead = (first: A) => {
    const group = { asked: [first], served: Deferred.makeUnsafe<ReadonlyArray<B>>() }
    waiting = group
    return turn
      .withPermit(
        // Those who are just as far on this turn of the event loop come along.
        Effect.flatMap(Effect.yieldNow, () => {
          waiting = undefined
          return serve(group.asked)
        }),
      )
      .pipe(Effect.onExit((exit) => Deferred.done(group.served, exit)))
  }

  return (asked: A): Effect.Effect<B> =>
    Effect.suspend(() => {
      if (waiting === undefined) return Effect.map(lead(asked), (answers) => ({ answers, place: 0 }))
      const place = waiting.asked.push(asked) - 1
      return Effect.map(Deferred.await(waiting.served), (answers) => ({ answers, place }))
    }).pipe(
      Effect.flatMap(({ answers, place }) => {
        const answer = answers[place]
        return answer === undefined ? Effect.die(new Error("somebody was not served")) : Effect.succeed(answer)
      }),
      Effect.uninterruptible,
    )
}
