import { Data } from "effect"
import type { SaleOutcome } from "./SaleOutcome.ts"
import type { RequestEnd, SlotStanding } from "./SlotStanding.ts"

/** Nothing beside the tag. */
type Bare = Record<never, never>

/** `mine`: the chain names us as the host already (found after a restart or a reorganisation). */
export type SaleState = Data.TaggedEnum<{
  /** Taken up again after a restart; the chain has not been asked yet. */
  Restoring: Bare
  Reserving: { readonly mine: boolean }
  Downloading: { readonly mine: boolean }
  /** `notBefore` (unix seconds): the slot has had a proof in this period, the next period has to be waited for. */
  InitialProving: { readonly attempt: number; readonly notBefore: bigint }
  /** `challenge`: what the proof answers. */
  Filling: { readonly attempt: number; readonly proof: Uint8Array; readonly challenge: string }
  Hosting: { readonly started: boolean }
  /** Collects our share of a request that is over. */
  Payout: { readonly request: RequestEnd }
  /** Gives the slot of a request that goes on back, without being paid: we can not keep it. */
  Leaving: { readonly outcome: SaleOutcome }
  /** Removes the data and returns the space. */
  Clearing: { readonly outcome: SaleOutcome }
  Ended: { readonly outcome: SaleOutcome }
}>
export const SaleState = Data.taggedEnum<SaleState>()

export type SaleFact = Data.TaggedEnum<{
  /** How the slot stands on the chain: after an event, at a limit of time, after a reorganisation, or asked before a transaction. */
  ChainSays: { readonly standing: SlotStanding }
  /** The same on restoring, and whether space is reserved for the slot. */
  Found: { readonly standing: SlotStanding; readonly reserved: boolean }
  Reserved: Bare
  /** No space, no policy, no collateral: nothing broke. */
  Declined: { readonly reason: string }
  Stored: Bare
  Proven: { readonly proof: Uint8Array; readonly challenge: string }
  Filled: Bare
  /** The slot has had a proof in this period; another may come from `notBefore` on. */
  ProofSpent: { readonly notBefore: bigint }
  /** The challenge has moved since the proof was made. */
  ProofOutdated: Bare
  /** The contract refuses a proof of the challenge that it still has. */
  ProofRefused: { readonly detail: string }
  Left: Bare
  PaidOut: Bare
  Cleared: Bare
  /** A work failed in a way that trying again does not mend. */
  Broken: { readonly detail: string }
}>
export const SaleFact = Data.taggedEnum<SaleFact>()

export type SaleWork = Data.TaggedEnum<{
  Restore: Bare
  Reserve: Bare
  Store: Bare
  Prove: { readonly attempt: number; readonly notBefore: bigint }
  Fill: { readonly proof: Uint8Array; readonly challenge: string }
  PayOut: Bare
  Leave: Bare
  Clear: Bare
}>
export const SaleWork = Data.taggedEnum<SaleWork>()
