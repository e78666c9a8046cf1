import { type Array as Arr, Effect, Random } from "effect"

// What is left to chance; all of it follows from the seed of `Random`.

/** 0 to `count` - 1. */
export const below = (count: number): Effect.Effect<number> => Random.nextIntBetween(0, count, { halfOpen: true })

/** Both ends included. */
export const between = (first: bigint, last: bigint): Effect.Effect<bigint> =>
  Effect.map(below(Number(last - first) + 1), (step) => first + BigInt(step))

export const chance = (percentage: number): Effect.Effect<boolean> =>
  Effect.map(below(100), (roll) => roll < percentage)

export const oneOf = <A>(values: Arr.NonEmptyReadonlyArray<A>): Effect.Effect<A> =>
  Effect.map(below(values.length), (place) => values[place] ?? values[0])

/** `usual`, or once in a while one of the others. */
export const mostly = <A>(percentage: number, usual: A, others: Arr.NonEmptyReadonlyArray<A>): Effect.Effect<A> =>
  Effect.flatMap(chance(percentage), (isUsual) => (isUsual ? Effect.succeed(usual) : oneOf(others)))

/** One of them, each as often as its weight tells; what cannot be done now has none. */
export const weighted = <A, E, R>(
  choices: ReadonlyArray<readonly [weight: number, choice: Effect.Effect<A, E, R>]>,
  otherwise: Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> =>
  Effect.flatMap(
    below(
      Math.max(
        choices.reduce((sum, [weight]) => sum + weight, 0),
        1,
      ),
    ),
    (roll) => {
      let left = roll
      for (const [weight, choice] of choices) {
        if (left < weight) return choice
        left -= weight
      }
      return otherwise
    },
  )
