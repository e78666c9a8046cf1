import type { Address } from "@pecia/contracts-abi"
import { Data } from "effect"

/** Nothing beside the tag. */
type Bare = Record<never, never>

/** How a sale ends. */
export type SaleOutcome = Data.TaggedEnum<{
  /** The request ran to its end and the slot was paid. */
  Finished: Bare
  /** The request was not filled in time. `paid`: we had the slot, and were paid for the time that we stored it. */
  Cancelled: { readonly paid: boolean }
  /** The request failed: too many of its slots were lost. `paid`: as above. */
  Failed: { readonly paid: boolean }
  /** Another host filled the slot first. */
  Lost: { readonly host: Address }
  /** The slot was not taken, for a reason that may pass. */
  Ignored: { readonly reason: string }
  /** Something broke that trying again does not mend. */
  Errored: { readonly detail: string }
}>
export const SaleOutcome = Data.taggedEnum<SaleOutcome>()

const forItsTime = "; the slot was paid for the time that it was stored."

/** The outcome as a sentence. */
export const outcomeSentence = (outcome: SaleOutcome): string =>
  SaleOutcome.$match(outcome, {
    Finished: () => "The request ran to its end and the slot was paid.",
    Cancelled: ({ paid }) => `The request was not filled before its expiry${paid ? forItsTime : "."}`,
    Failed: ({ paid }) => `The request failed, because too many of its slots were lost${paid ? forItsTime : "."}`,
    Lost: ({ host }) => `Host ${host} filled the slot first.`,
    Ignored: ({ reason }) => reason,
    Errored: ({ detail }) => detail,
  })
