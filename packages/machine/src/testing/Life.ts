import { Effect, Predicate } from "effect"

/** The life of one run of a program. */
export interface Life {
  dead: boolean
  /** Where it ends: on the first call of a member, before it takes effect or after, when nobody learns of it any more. */
  crash?: { readonly member: string; readonly when: "before" | "after" }
}

/** Nothing runs after a crash, whatever was uninterruptible; only the end of the test ends it. */
const death = Effect.interruptible(Effect.never)

/**
 * A service whose effects, and those that its methods answer with, are cut off as by `kill -9` once the life has ended: no
 * finaliser of the program that uses it gets anything done. Give every service that outlives the program the same life.
 */
export const mortal = <S extends object>(service: S, life: Life): S => {
  const guard = (member: PropertyKey, effect: Effect.Effect<unknown, unknown, unknown>) =>
    Effect.gen(function* () {
      if (life.dead) return yield* death
      const strikes = life.crash !== undefined && life.crash.member === member
      if (strikes && life.crash?.when === "before") {
        life.dead = true
        return yield* death
      }
      const value = yield* effect
      if (strikes) life.dead = true
      if (life.dead) return yield* death
      return value
    })
  return new Proxy(service, {
    get: (target, member) => {
      const value: unknown = Reflect.get(target, member)
      if (Effect.isEffect(value)) return guard(member, value)
      if (!Predicate.isFunction(value)) return value
      return (...args: ReadonlyArray<unknown>) => {
        const result: unknown = Reflect.apply(value, target, args)
        return Effect.isEffect(result) ? guard(member, result) : result
      }
    },
  })
}
