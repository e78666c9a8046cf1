import { Context, type Effect } from "effect"

/** The hand on the clock of `ChainClock.layerTest`. */
export class TestChain extends Context.Service<
  TestChain,
  {
    /** Mines a block at `time` (unix seconds). An earlier time than the clock's is a late or replaced block: it changes nothing. */
    readonly advanceTo: (time: bigint) => Effect.Effect<void>
    /** Mines a block so many seconds after the latest. */
    readonly advance: (seconds: bigint) => Effect.Effect<void>
  }
>()("@pecia/clock/TestChain") {}
