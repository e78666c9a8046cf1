import type { Address, Offer, OfferId, OpenRequest, RequestId } from "@pecia/contracts-abi"
import { Context, Data, type Effect } from "effect"

/** An offer that can be selected now. */
export interface Candidate {
  readonly offerId: OfferId
  readonly offer: Offer
}

/** An auction that is open, as a strategy sees it. */
export interface OpenAuction {
  readonly requestId: RequestId
  readonly request: OpenRequest
  /** Unix seconds: when the auction was opened, and now. */
  readonly openedAt: bigint
  readonly now: bigint
  /** The offers that have not expired, in the order in which they were made. */
  readonly candidates: ReadonlyArray<Candidate>
  /** Hosts that keep, or were selected for, other slots of the same dataset. */
  readonly hostsOfDataset: ReadonlySet<Address>
}

export type Selection = Data.TaggedEnum<{
  Select: { readonly offerId: OfferId }
  /** Asks again at this time (unix seconds), and with each new offer. */
  Wait: { readonly until: bigint }
}>
export const Selection = Data.taggedEnum<Selection>()

/** Which offer a client takes, and when. To select by other rules, provide another Layer. */
export class SelectingStrategy extends Context.Service<
  SelectingStrategy,
  { readonly select: (auction: OpenAuction) => Effect.Effect<Selection> }
>()("@pecia/auctions/SelectingStrategy") {}
