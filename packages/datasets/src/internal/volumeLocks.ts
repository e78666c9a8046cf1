import { Effect, Semaphore } from "effect"

/** How many blocks of one volume are written at the same time. */
const writersMax = 32

interface Lock {
  readonly gate: Semaphore.Semaphore
  readonly permits: Semaphore.Semaphore
  readonly keys: Map<string, Keyed>
  users: number
}

interface Keyed {
  readonly mutex: Semaphore.Semaphore
  users: number
}

/**
 * Blocks of a volume are written side by side, one block only once at a time; what concerns the volume as a whole happens
 * alone. Locks exist as long as somebody uses or waits for them.
 */
export interface VolumeLocks {
  readonly block: (volume: string, key: string) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  readonly whole: (volume: string) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

const using =
  <K, L extends { users: number }>(locks: Map<K, L>, key: K, make: () => L) =>
  <A, E, R>(use: (lock: L) => Effect.Effect<A, E, R>) =>
    Effect.acquireUseRelease(
      Effect.sync(() => {
        const lock = locks.get(key) ?? make()
        locks.set(key, lock)
        lock.users += 1
        return lock
      }),
      use,
      (lock) =>
        Effect.sync(() => {
          lock.users -= 1
          if (lock.users === 0) locks.delete(key)
        }),
    )

export const make = (): VolumeLocks => {
  const volumes = new Map<string, Lock>()
  const volume = (name: string) =>
    using(volumes, name, () => ({
      gate: Semaphore.makeUnsafe(1),
      permits: Semaphore.makeUnsafe(writersMax),
      keys: new Map(),
      users: 0,
    }))

  return {
    block: (name, key) => (effect) =>
      volume(name)((lock) =>
        using(lock.keys, key, () => ({ mutex: Semaphore.makeUnsafe(1), users: 0 }))(({ mutex }) =>
          // The gate is passed before a permit is taken, so that somebody who wants the whole volume is not overtaken for ever.
          mutex.withPermit(
            Effect.acquireUseRelease(
              lock.gate.withPermit(lock.permits.take(1)),
              () => effect,
              () => lock.permits.release(1),
            ),
          ),
        ),
      ),
    whole: (name) => (effect) =>
      volume(name)((lock) => lock.gate.withPermit(lock.permits.withPermits(writersMax)(effect))),
  }
}
