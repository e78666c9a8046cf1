import type { ChainClock } from "@pecia/clock"
import type { OfferMarket } from "@pecia/market"
import { Context, Effect, Layer, type Stream } from "effect"
import type { HeldContracts } from "./HeldContracts.ts"
import { contracts } from "./internal/contracts.ts"
import { makeProving } from "./internal/provingLoop.ts"
import type { ProofOutcome } from "./ProofOutcome.ts"
import type { Prover } from "./Prover.ts"
import type { SlotStatus } from "./SlotStatus.ts"

/**
 * `Proving`, for the contracts that this account keeps on the offer market. Where a slot is named, it is by the id of the contract's
 * offer (`OfferId.slotId`).
 *
 * Law: as of `Proving`. The contracts are those of `HeldContracts`, which is asked 16 times a period.
 */
export class ContractProving extends Context.Service<
  ContractProving,
  {
    /** The contracts as they were when `HeldContracts` was asked last; in no particular order. */
    readonly status: Effect.Effect<ReadonlyArray<SlotStatus>>
    /** What happens from now on. A reader who is 1,024 outcomes behind loses the oldest. */
    readonly outcomes: Stream.Stream<ProofOutcome>
  }
>()("@pecia/proving/ContractProving") {
  /** `proofsAtOnce` (default 4): how many proofs are made at the same time. */
  static readonly layer = (options?: {
    readonly proofsAtOnce?: number
  }): Layer.Layer<ContractProving, never, OfferMarket | ChainClock | Prover | HeldContracts> =>
    Layer.effect(
      ContractProving,
      Effect.flatMap(contracts, (market) => makeProving(market, options?.proofsAtOnce ?? 4)),
    )
}
