import type { Address } from "@pecia/contracts-abi"
import { Data } from "effect"

/** Nothing beside the tag. */
type Bare = Record<never, never>

/** How a sale ends. */
export type SaleOutcome = Data.TaggedEnum<{
  /** The request ran to its end and the slot was paid. */
  Finished: Bare
  /** The request was not filled in time. */
  Cancelled: Bare
  /** The request failed: too many of its slots were lost. */
  Failed: Bare
  /** Another host filled the slot first. */
  Lost: { readonly host: Address }
  /** The slot was not taken, for a reason that may pass. */
  Ignored: { readonly reason: string }
  /** Something broke that trying again does not mend. */
  Errored: { readonly detail: string }
}>
export const SaleOutcome = Data.taggedEnum<SaleOutcome>()

/** The outcome as a sentence. */
export const outcomeSentence = (outcome: SaleOutcome): string =>
  SaleOutcome.$match(outcome, {
    Finished: () => "The request ran to its end and the slot was paid.",
    Cancelled: () => "The request was not filled before its expiry.",
    Failed: () => "The request failed, because too many of its slots were lost; the contract pays nothing.",
    Lost: ({ host }) => `Host ${host} filled the slot first.`,
    Ignored: ({ reason }) => reason,
    Errored: ({ detail }) => detail,
  })
