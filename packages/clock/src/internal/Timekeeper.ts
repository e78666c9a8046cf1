import { Effect } from "effect"

interface Waiter {
  readonly time: bigint
  readonly wake: (outcome: Effect.Effect<void>) => void
}

/**
 * A time that is told to us, and those who wait for it, in order of their times. Telling the time looks at no more than those whose
 * time has come.
 */
export class Timekeeper {
  #now: bigint
  #waiters: Array<Waiter> = []
  #stopped: Effect.Effect<never> | undefined

  constructor(now: bigint) {
    this.#now = now
  }

  readonly now: Effect.Effect<bigint> = Effect.suspend(() => this.#stopped ?? Effect.succeed(this.#now))

  /** How many wait. */
  get waiting(): number {
    return this.#waiters.length
  }

  waitUntil(time: bigint): Effect.Effect<void> {
    return Effect.callback<void>((wake) => {
      if (this.#stopped !== undefined) return wake(this.#stopped)
      if (this.#now >= time) return wake(Effect.void)
      const waiter = { time, wake }
      this.#waiters.splice(this.#firstAfter(time), 0, waiter)
      return Effect.sync(() => this.#forget(waiter))
    })
  }

  /** Moves on to `time` and wakes those who waited for it, the earliest first; a time that is past is of no interest. */
  advance(time: bigint): void {
    if (time <= this.#now) return
    this.#now = time
    for (const { wake } of this.#waiters.splice(0, this.#firstAfter(time))) wake(Effect.void)
  }

  /** No time will be told any more: whoever asks or waits gets `outcome`. */
  stop(outcome: Effect.Effect<never>): void {
    this.#stopped = outcome
    for (const { wake } of this.#waiters.splice(0)) wake(outcome)
  }

  #forget(waiter: Waiter) {
    const index = this.#waiters.lastIndexOf(waiter, this.#firstAfter(waiter.time) - 1)
    if (index >= 0) this.#waiters.splice(index, 1)
  }

  /** The position of the first waiter for a later time. */
  #firstAfter(time: bigint): number {
    let [low, high] = [0, this.#waiters.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      const waiter = this.#waiters[middle]
      if (waiter !== undefined && waiter.time > time) high = middle
      else low = middle + 1
    }
    return low
  }
}
