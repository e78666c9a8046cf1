import type { MarketplaceConfig, Period, SlotId } from "@pecia/contracts-abi"
import type {
  ChainError,
  PeriodNotEnded,
  ProofAlreadyMarked,
  ProofNotMissing,
  ProofNotRequired,
  SlotNotAcceptingProofs,
  ValidationTimedOut,
} from "@pecia/market"
import type { Effect } from "effect"

/** Who hears of what happens on a market. */
export interface Listener {
  /** A host has taken the slot. */
  readonly filled: (slotId: SlotId) => Effect.Effect<void>
  /** What was learnt from the newest blocks may be wrong. */
  readonly reorganised: Effect.Effect<void>
}

/** What validation needs of a market. */
export interface MarkedMarket {
  readonly config: Effect.Effect<MarketplaceConfig, ChainError>
  /** From block `fromBlock` (default: the next one) on, for ever. */
  readonly follow: (listener: Listener, options: { readonly fromBlock?: bigint }) => Effect.Effect<never>
  /** Whether another account than this one has to keep the slot now. */
  readonly isKept: (slotId: SlotId) => Effect.Effect<boolean, ChainError>
  /** Sends nothing when it is known beforehand that nothing can be marked, so it is the question too. */
  readonly mark: (
    slotId: SlotId,
    period: Period,
  ) => Effect.Effect<
    void,
    | SlotNotAcceptingProofs
    | PeriodNotEnded
    | ValidationTimedOut
    | ProofNotMissing
    | ProofNotRequired
    | ProofAlreadyMarked
    | ChainError
  >
}
