import type { ChainClock } from "@pecia/clock"
import { MarketplaceConfig, type SlotId } from "@pecia/contracts-abi"
import { type ChainError, type InvalidProof, type Market, MemoryChain } from "@pecia/market"
import { Context, type Effect, type Layer } from "effect"
import type { Prover, Proving } from "../src/index.ts"

/** What the loop asks of a chain, where slots and contracts do not differ. */
export interface ProofCalls<E = unknown> {
  readonly config: Market["Service"]["config"]
  readonly getPointer: Market["Service"]["getPointer"]
  readonly getChallenge: Market["Service"]["getChallenge"]
  readonly isProofRequired: Market["Service"]["isProofRequired"]
  readonly willProofBeRequired: Market["Service"]["willProofBeRequired"]
  readonly submitProof: (slotId: SlotId, proof: Uint8Array) => Effect.Effect<void, E>
}

/** What a test puts between the loop and the chain. */
export type Through = <E>(
  calls: ProofCalls<E>,
) => Effect.Effect<ProofCalls<E | InvalidProof | ChainError>, never, ChainClock | MemoryChain>

export interface BedOptions {
  readonly config?: MarketplaceConfig
  readonly prover?: Layer.Layer<Prover, never, ChainClock | MemoryChain>
  readonly through?: Through
}

export interface Terms {
  readonly proofProbability?: bigint
  /** Seconds. */
  readonly duration?: bigint
  readonly seed?: string | number
}

export interface Mined {
  readonly slotId: SlotId
  readonly proof: Uint8Array
}

/** The service under test: `Proving` or `ContractProving`. */
export class Loop extends Context.Service<Loop, Proving["Service"]>()("test/Loop") {}

/** A host and its market, in one way for both markets. A contract goes by the id that its slot has. */
export class Hosting extends Context.Service<
  Hosting,
  {
    /** Past what the test puts in between. */
    readonly calls: ProofCalls
    /** Takes on so many slots, by terms without reward; each owes proofs from the next period on. */
    readonly hold: (count: number, terms?: Terms) => Effect.Effect<ReadonlyArray<SlotId>>
    readonly leave: (slotId: SlotId) => Effect.Effect<void>
    /** One that was left. */
    readonly holdAgain: (slotId: SlotId) => Effect.Effect<void>
    /** Unix seconds at which the slot's proofs end. */
    readonly endOf: (slotId: SlotId) => Effect.Effect<bigint>
    /** By another account, which watches. */
    readonly markAsMissing: (slotId: SlotId, period: bigint) => Effect.Effect<void, unknown>
    /** Hands on each proof that is mined from now on; never ends. */
    readonly eachProof: (handle: (proof: Mined) => Effect.Effect<void>) => Effect.Effect<void>
    /** A new one each time that it is built. */
    readonly loop: Layer.Layer<Loop>
  }
>()("test/Hosting") {}

export type Bed = Layer.Layer<Hosting | MemoryChain | ChainClock>

/** The reference constants with other ones for proofs. */
export const configWith = (proofs: Partial<MarketplaceConfig["proofs"]>): MarketplaceConfig =>
  new MarketplaceConfig({
    collateral: MemoryChain.referenceConfig.collateral,
    proofs: { ...MemoryChain.referenceConfig.proofs, ...proofs },
  })
