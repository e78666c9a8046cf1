import { Data } from "effect"

/** Nothing beside the tag. */
type Bare = Record<never, never>

/**
 * What became of the part of the price that no host of a finished or failed request earned. `None`: there is no such part. `Unknown`: the
 * chain pays nothing back, be it that there is nothing, be it that an earlier run of this node took it back already; or the journal is of
 * an earlier version, which did not know.
 */
export type Rest = "PaidBack" | "None" | "Unknown"

/** How a purchase ends. */
export type PurchaseOutcome = Data.TaggedEnum<{
  /** The request ran to its end. */
  Finished: { readonly rest: Rest }
  /** The request was not filled in time; what its hosts did not earn was paid back. */
  Cancelled: Bare
  /** Too many slots of the request were lost. */
  Failed: { readonly rest: Rest }
  /** The request never came to the chain. */
  Errored: { readonly detail: string }
}>
export const PurchaseOutcome = Data.taggedEnum<PurchaseOutcome>()

/** The outcome as a sentence. */
export const outcomeSentence = (outcome: PurchaseOutcome): string =>
  PurchaseOutcome.$match(outcome, {
    Finished: ({ rest }) =>
      rest === "PaidBack"
        ? "The request ran to its end; what its hosts did not earn was paid back."
        : "The request ran to its end.",
    Cancelled: () =>
      "The request was not filled before its expiry; its price was paid back, less what its hosts earned.",
    Failed: ({ rest }) =>
      rest === "PaidBack"
        ? "The request failed, because too many of its slots were lost; its price was paid back, less what its hosts earned."
        : "The request failed, because too many of its slots were lost.",
    Errored: ({ detail }) => detail,
  })
