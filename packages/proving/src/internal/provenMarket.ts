import type { MarketplaceConfig, SlotId } from "@pecia/contracts-abi"
import type { ChainError, InvalidProof, ProofAlreadySubmitted } from "@pecia/market"
import { Data, type Effect } from "effect"
import type { CannotProve } from "../Prover.ts"

/** The slot is free, or another host's: no proof of it is ours to give. */
export class NotOurs extends Data.TaggedError("NotOurs") {}

/** A slot that this account holds, on whichever market. */
export interface HeldSlot {
  readonly slotId: SlotId
  readonly pointer: Effect.Effect<bigint, ChainError>
  readonly challenge: Effect.Effect<string, ChainError>
  readonly isProofRequired: Effect.Effect<boolean, ChainError>
  readonly willProofBeRequired: Effect.Effect<boolean, ChainError>
  /** How its challenges are answered. That does not change as long as it is held. */
  readonly answer: Effect.Effect<(challenge: string) => Effect.Effect<Uint8Array, CannotProve>, NotOurs | ChainError>
  readonly submit: (
    proof: Uint8Array,
  ) => Effect.Effect<void, NotOurs | InvalidProof | ProofAlreadySubmitted | ChainError>
}

/** What proving needs of a market. */
export interface ProvenMarket {
  readonly config: Effect.Effect<MarketplaceConfig, ChainError>
  readonly heldSlots: Effect.Effect<ReadonlyArray<HeldSlot>, ChainError>
  /** How often a period the held slots are asked for, evenly from its start. */
  readonly looksPerPeriod: bigint
}
