import { Data } from "effect"

/** Nothing beside the tag. */
type Bare = Record<never, never>

/** How a purchase ends. */
export type PurchaseOutcome = Data.TaggedEnum<{
  /** The request ran to its end. */
  Finished: Bare
  /** The request was not filled in time; its price was paid back. */
  Cancelled: Bare
  /** Too many slots of the request were lost. This contract pays nothing back. */
  Failed: Bare
  /** The request never came to the chain, or its price cannot be had back. */
  Errored: { readonly detail: string }
}>
export const PurchaseOutcome = Data.taggedEnum<PurchaseOutcome>()

/** The outcome as a sentence. */
export const outcomeSentence = (outcome: PurchaseOutcome): string =>
  PurchaseOutcome.$match(outcome, {
    Finished: () => "The request ran to its end.",
    Cancelled: () => "The request was not filled before its expiry; its price was paid back.",
    Failed: () => "The request failed, because too many of its slots were lost; the contract pays nothing back.",
    Errored: ({ detail }) => detail,
  })
