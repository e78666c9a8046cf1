import type { OfferId, RequestId } from "@pecia/contracts-abi"
import type { OfferEvent } from "@pecia/market"
import type { Candidate } from "../SelectingStrategy.ts"

type StorageOffered = Extract<OfferEvent, { readonly _tag: "StorageOffered" }>

/** So many offers to one request are kept; of more, the dearest go first. */
const most = 1000

/** The offers to requests of ours that the chain has told of, in its order. */
export interface OffersSeen {
  /** From now on the offers to this request are kept. */
  readonly expect: (id: RequestId) => void
  readonly forget: (id: RequestId) => void
  /** One that comes twice counts once, one to a request of others does not. */
  readonly add: (event: StorageOffered) => void
  readonly remove: (id: RequestId, offerId: OfferId) => void
  /** Offers from this block on are void; those that are still there come again. */
  readonly undo: (fromBlock: bigint) => void
  readonly of: (id: RequestId) => ReadonlyArray<Candidate>
}

export const makeOffersSeen = (): OffersSeen => {
  const seen = new Map<RequestId, Map<OfferId, StorageOffered>>()
  return {
    expect: (id) => {
      if (!seen.has(id)) seen.set(id, new Map())
    },
    forget: (id) => void seen.delete(id),
    add: (event) => {
      const offers = seen.get(event.offer.requestId)
      if (offers === undefined) return
      offers.set(event.offerId, event)
      if (offers.size > most) offers.delete(dearest(offers).offerId)
    },
    remove: (id, offerId) => void seen.get(id)?.delete(offerId),
    undo: (fromBlock) => {
      for (const offers of seen.values()) {
        for (const { blockNumber, offerId } of offers.values()) if (blockNumber >= fromBlock) offers.delete(offerId)
      }
    },
    of: (id) => Array.from(seen.get(id)?.values() ?? [], ({ offer, offerId }) => ({ offerId, offer })),
  }
}

/** The latest of the highest price. */
const dearest = (offers: ReadonlyMap<OfferId, StorageOffered>): StorageOffered =>
  Array.from(offers.values()).reduce((worst, other) => (other.offer.price >= worst.offer.price ? other : worst))
