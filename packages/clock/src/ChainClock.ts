import { Clock, Context, Effect, Exit, Layer, Schema, Stream } from "effect"
import { Timekeeper } from "./internal/Timekeeper.ts"
import { TestChain } from "./TestChain.ts"

/** The limit given to `withTimeout` has passed on the chain. */
export class TimedOut extends Schema.TaggedError<TimedOut>()("TimedOut", {
  /** Unix seconds. */
  limit: Schema.BigInt,
}) {
  override get message() {
    return `The chain's time has passed ${this.limit} (unix seconds), and it was not done by then.`
  }
}

/** What `layerBlocks` has to know of a block. */
export interface Block {
  readonly number: bigint
  /** Unix seconds. */
  readonly timestamp: bigint
}

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
    /**
     * Runs `effect`; interrupts it and fails once `now > limit`. When that is so already, `effect` is not begun. A part of it that
     * cannot be interrupted is waited for.
     */
    readonly withTimeout: <A, E, R>(effect: Effect.Effect<A, E, R>, limit: bigint) => Effect.Effect<A, E | TimedOut, R>
  }
>()("@pecia/clock/ChainClock") {
  /** A clock of its two basic movements. */
  static from(time: Pick<ChainClock["Service"], "now" | "waitUntil">): ChainClock["Service"] {
    const waitUntil = Effect.fn("ChainClock.waitUntil")(time.waitUntil)
    const waitPast = Effect.fn("ChainClock.waitPast")((limit: bigint) => time.waitUntil(limit + 1n))
    const withTimeout = Effect.fn("ChainClock.withTimeout")(function* <A, E, R>(
      effect: Effect.Effect<A, E, R>,
      limit: bigint,
    ) {
      const timedOut = Effect.suspend(() => Effect.fail(new TimedOut({ limit })))
      if ((yield* time.now) > limit) return yield* timedOut
      return yield* Effect.raceFirst(effect, Effect.andThen(waitPast(limit), timedOut))
    })
    return ChainClock.of({ now: time.now, waitUntil, waitPast, withTimeout })
  }

  /** The time of this machine. For chains whose blocks keep pace with it, and where no chain is at hand. */
  static readonly layerSystem: Layer.Layer<ChainClock> = Layer.sync(ChainClock, () => {
    let latest = 0n
    const now = Effect.map(Clock.currentTimeMillis, (millis) => {
      const seconds = BigInt(Math.floor(millis / 1000))
      if (seconds > latest) latest = seconds
      return latest
    })
    // An hour at most: a timer does not notice that the machine's clock was set, or that it slept.
    const waitUntil = Effect.fnUntraced(function* (time: bigint) {
      while ((yield* now) < time) {
        const remaining = time * 1000n - BigInt(Math.floor(yield* Clock.currentTimeMillis))
        yield* Effect.sleep(Number(remaining < 3_600_000n ? remaining : 3_600_000n))
      }
    })
    return ChainClock.from({ now, waitUntil })
  })

  /**
   * The time of the latest block. Building waits for the first one. Blocks that come late, or again, or on a reorganised chain with
   * an earlier time, do not turn the clock back.
   *
   * The stream must neither fail nor end: whoever makes it retries for ever. When it ends nevertheless, time would stand still
   * unnoticed, so whoever waits or asks for the time from then on dies of the reason.
   */
  static layerBlocks<R>(blocks: Stream.Stream<Block, never, R>): Layer.Layer<ChainClock, never, R> {
    return Layer.effect(
      ChainClock,
      Effect.gen(function* () {
        const beforeAll = -1n
        const time = new Timekeeper(beforeAll)
        const stop = (exit: Exit.Exit<void>) =>
          Effect.sync(() =>
            time.stop(Exit.isFailure(exit) ? Effect.failCause(exit.cause) : Effect.die(new BlocksEnded())),
          )
        yield* blocks.pipe(
          Stream.runForEach(({ timestamp }) => Effect.sync(() => time.advance(timestamp))),
          Effect.onExit(stop),
          Effect.forkScoped,
        )
        yield* time.waitUntil(0n)
        return ChainClock.from({ now: time.now, waitUntil: (limit) => time.waitUntil(limit) })
      }),
    )
  }

  /** A clock that stands still until `TestChain` moves it. Begins at `start` (unix seconds). */
  static layerTest(start = 0n): Layer.Layer<ChainClock | TestChain> {
    return Layer.effectContext(
      Effect.sync(() => {
        const time = new Timekeeper(start)
        const advanceTo = (to: bigint) => Effect.sync(() => time.advance(to))
        const advance = (seconds: bigint) => Effect.flatMap(time.now, (now) => advanceTo(now + seconds))
        const clock = ChainClock.from({ now: time.now, waitUntil: (limit) => time.waitUntil(limit) })
        return Context.make(ChainClock, clock).pipe(Context.add(TestChain, TestChain.of({ advanceTo, advance })))
      }),
    )
  }
}

class BlocksEnded extends Error {
  override message = "The stream of blocks has ended, so the time of the chain is not known any more."
}
