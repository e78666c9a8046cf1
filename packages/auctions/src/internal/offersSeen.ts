import type { Address, OfferId, RequestId } from "@pecia/contracts-abi"
import type { OfferEvent } from "@pecia/market"
import { Option } from "effect"
import type { Candidate } from "../SelectingStrategy.ts"

type StorageOffered = Extract<OfferEvent, { readonly _tag: "StorageOffered" }>

/** So many offers of a host to one request are kept. Another offer costs it gas alone. */
const mostOfHost = 8

/** The offers of so many hosts to one request are kept. Each has put up collateral, which its bid locks. */
const mostHosts = 256

/** The offers to requests of ours that the chain has told of, in its order. */
export interface OffersSeen {
  /** From now on the offers to this request are kept. */
  readonly expect: (id: RequestId) => void
  /** The request itself was told of, so every offer to it will be. */
  readonly opened: (id: RequestId) => void
  readonly forget: (id: RequestId) => void
  /** One that comes twice counts once; one to a request of others, or that has expired (`now`: unix seconds), does not. */
  readonly add: (event: StorageOffered, now: bigint) => void
  readonly remove: (id: RequestId, offerId: OfferId) => void
  /** Offers from this block on are void; those that are still there come again. */
  readonly undo: (fromBlock: bigint) => void
  readonly of: (id: RequestId) => ReadonlyArray<Candidate>
  /** How many there are. None: the request was not told of, so some may be missing, or it is forgotten. */
  readonly count: (id: RequestId) => Option.Option<number>
}

export const makeOffersSeen = (): OffersSeen => {
  const seen = new Map<RequestId, Map<OfferId, StorageOffered>>()
  const whole = new Set<RequestId>()
  return {
    expect: (id) => {
      if (!seen.has(id)) seen.set(id, new Map())
    },
    opened: (id) => {
      if (seen.has(id)) whole.add(id)
    },
    forget: (id) => {
      seen.delete(id)
      whole.delete(id)
    },
    add: (event, now) => {
      const offers = seen.get(event.offer.requestId)
      if (offers === undefined || event.offer.expiry <= now) return
      offers.set(event.offerId, event)
      const ofHost = Array.from(offers.values()).filter(({ offer }) => offer.host === event.offer.host)
      if (ofHost.length > mostOfHost) offers.delete(worst(ofHost, now).offerId)
      if (ofHost.length === 1) limitHosts(offers, now)
    },
    remove: (id, offerId) => void seen.get(id)?.delete(offerId),
    undo: (fromBlock) => {
      for (const offers of seen.values()) {
        for (const { blockNumber, offerId } of offers.values()) if (blockNumber >= fromBlock) offers.delete(offerId)
      }
    },
    of: (id) => Array.from(seen.get(id)?.values() ?? [], ({ offer, offerId }) => ({ offerId, offer })),
    count: (id) => (whole.has(id) ? Option.fromUndefinedOr(seen.get(id)?.size) : Option.none()),
  }
}

/** Whether one is worth less than another that came before it: an expired one less than any other, then the dearer one. */
const isWorse = ({ offer }: StorageOffered, { offer: earlier }: StorageOffered, now: bigint) => {
  const hasExpired = offer.expiry <= now
  return hasExpired === earlier.expiry <= now ? offer.price >= earlier.price : hasExpired
}

const worst = (offers: ReadonlyArray<StorageOffered>, now: bigint): StorageOffered =>
  offers.reduce((worst, other) => (isWorse(other, worst, now) ? other : worst))

/** One host too many: the one whose best offer is the worst goes. */
const limitHosts = (offers: Map<OfferId, StorageOffered>, now: bigint) => {
  const best = new Map<Address, StorageOffered>()
  for (const event of offers.values()) {
    const before = best.get(event.offer.host)
    if (before === undefined || !isWorse(event, before, now)) best.set(event.offer.host, event)
  }
  if (best.size <= mostHosts) return
  const { host } = worst(Array.from(best.values()), now).offer
  for (const { offer, offerId } of offers.values()) if (offer.host === host) offers.delete(offerId)
}
