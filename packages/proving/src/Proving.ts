import type { ChainClock } from "@pecia/clock"
import type { Market } from "@pecia/market"
import { Context, Effect, Layer, type Stream } from "effect"
import { marketplace } from "./internal/marketplace.ts"
import { makeProving } from "./internal/provingLoop.ts"
import type { ProofOutcome } from "./ProofOutcome.ts"
import type { Prover } from "./Prover.ts"
import type { SlotStatus } from "./SlotStatus.ts"

/**
 * Sees to it that the proofs of the slots that this account holds are in on time, as long as its scope is open.
 *
 * Law: in each period each slot that owes a proof gets one, once, as soon as data and chain permit. Slots are taken from the chain
 * at the start of each period, so nobody has to tell of a new one. No failure ends it; none of one slot holds up another.
 */
export class Proving extends Context.Service<
  Proving,
  {
    /** The slots as they were at the start of the period; in no particular order. */
    readonly status: Effect.Effect<ReadonlyArray<SlotStatus>>
    /** What happens from now on. A reader who is 1,024 outcomes behind loses the oldest. */
    readonly outcomes: Stream.Stream<ProofOutcome>
  }
>()("@pecia/proving/Proving") {
  /** `proofsAtOnce` (default 4): how many proofs are made at the same time. */
  static readonly layer = (options?: {
    readonly proofsAtOnce?: number
  }): Layer.Layer<Proving, never, Market | ChainClock | Prover> =>
    Layer.effect(
      Proving,
      Effect.flatMap(marketplace, (market) => makeProving(market, options?.proofsAtOnce ?? 4)),
    )
}
