import type { Address, Offer, OfferId, OpenRequest, RequestId } from "@pecia/contracts-abi"
import { Context, Data, Effect, Layer } from "effect"

/** An offer, with its id. */
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
  /** The offers that can be selected now, at least one, in the order in which they were made. */
  readonly candidates: ReadonlyArray<Candidate>
  /** Hosts that keep, or were selected for, other slots of the same dataset. */
  readonly hostsOfDataset: ReadonlySet<Address>
  /** Hosts that were selected before, by any auction in the journal, and did not start in time or failed. */
  readonly hostsThatFailed: ReadonlySet<Address>
}

export type Selection = Data.TaggedEnum<{
  /** One of the candidates. */
  Select: { readonly offerId: OfferId }
  /** Asks again at this time (unix seconds), with each new offer, and every minute. */
  Wait: { readonly until: bigint }
}>
export const Selection = Data.taggedEnum<Selection>()

/** Which offer a client takes, and when. It is asked for one auction after the other. To select by other rules, provide another Layer. */
export class SelectingStrategy extends Context.Service<
  SelectingStrategy,
  { readonly select: (auction: OpenAuction) => Effect.Effect<Selection> }
>()("@pecia/auctions/SelectingStrategy") {
  /**
   * Waits until a quarter of the time to the expiry has passed; then takes the lowest price, the earliest of equal ones, among the hosts
   * that keep no other slot of the dataset. Where there are none, it takes any host once half of the time has passed; one that has
   * failed before only then, and only if there is no other. In the last tenth of the time it takes none, as a host could hardly start
   * any more. `isAcceptable` narrows down which offers count at all.
   */
  static readonly layerLowestPrice = (options?: {
    readonly isAcceptable?: (candidate: Candidate) => boolean
  }): Layer.Layer<SelectingStrategy> =>
    Layer.succeed(SelectingStrategy, {
      select: (auction) => Effect.succeed(lowestPrice(auction, options?.isAcceptable ?? (() => true))),
    })
}

const lowestPrice = (
  { candidates, hostsOfDataset, hostsThatFailed, now, openedAt, request }: OpenAuction,
  isAcceptable: (candidate: Candidate) => boolean,
): Selection => {
  const time = request.expiry - openedAt
  const quarter = openedAt + time / 4n
  if (now < quarter) return Selection.Wait({ until: quarter })
  if ((request.expiry - now) * 10n < time) return Selection.Wait({ until: request.expiry })
  const half = openedAt + time / 2n
  const acceptable = candidates.filter(isAcceptable)
  const reliable = acceptable.filter(({ offer }) => !hostsThatFailed.has(offer.host))
  const distinct = cheapest(reliable.filter(({ offer }) => !hostsOfDataset.has(offer.host)))
  const taken = distinct ?? (now < half ? undefined : (cheapest(reliable) ?? cheapest(acceptable)))
  if (taken !== undefined) return Selection.Select({ offerId: taken.offerId })
  return Selection.Wait({ until: now < half ? half : request.expiry })
}

/** The earliest of the lowest price. */
const cheapest = ([first, ...others]: ReadonlyArray<Candidate>): Candidate | undefined =>
  first && others.reduce((best, other) => (other.offer.price < best.offer.price ? other : best), first)
