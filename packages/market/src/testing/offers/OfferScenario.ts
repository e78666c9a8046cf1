import type { Vitest } from "@effect/vitest"
import { type Address, ContentHash, Nonce, Offer, OfferId, OpenRequest } from "@pecia/contracts-abi"
import { Effect } from "effect"
import type { OfferMarket } from "../../OfferMarket.ts"

import { MarketBed } from "../MarketBed.ts"
import { OfferBed } from "../OfferBed.ts"
import { missProof } from "../Scenario.ts"

/** What a file of behaviours of the offer market declares its tests with. */
export type OfferIt = Vitest.MethodsNonLive<MarketBed | OfferBed>

export type OfferMarketOf = OfferMarket["Service"]

export type RequestTerms = Partial<Omit<OpenRequest, "client" | "nonce">> & { readonly nonce?: number }
export type OfferTerms = Partial<Pick<Offer, "price" | "expiry">>

export const usual = {
  duration: 20_000n,
  size: 65_536n,
  contentHash: ContentHash.make(`0x${"c0".repeat(32)}`),
  proofProbability: 1n,
  maxPrice: 60_000n,
}

const bytes32 = (number: number) => `0x${number.toString(16).padStart(64, "0")}`

/** A request for 20,000 seconds at 60,000 tokens at the most, which expires 10,000 seconds from now. */
export const newOpenRequest = Effect.fnUntraced(function* (
  client: Address,
  { expiry, nonce = 1, ...terms }: RequestTerms = {},
) {
  const bed = yield* MarketBed
  return new OpenRequest({
    client,
    ...usual,
    ...terms,
    expiry: expiry ?? (yield* bed.now) + 10_000n,
    nonce: Nonce.make(bytes32(nonce)),
  })
})

/** An account with `tokens` that the offer market may take. */
export const newTrader = Effect.fnUntraced(function* (tokens: bigint) {
  const bed = yield* OfferBed
  const { offers } = yield* bed.newTrader(tokens)
  yield* offers.approveFunds(tokens)
  return offers
})

/** An account that has put up just the collateral that a contract takes, or `contracts` times as much. */
export const newBidder = Effect.fnUntraced(function* (contracts = 1n) {
  const bed = yield* OfferBed
  const { collateral } = yield* (yield* bed.newTrader(0n)).offers.config
  const host = yield* newTrader(contracts * collateral.initialAmount)
  yield* host.deposit(contracts * collateral.initialAmount)
  return host
})

/** A request for offers, for which its client gave all of its tokens. */
export const requested = Effect.fnUntraced(function* (terms?: RequestTerms) {
  const client = yield* newTrader(terms?.maxPrice ?? usual.maxPrice)
  const request = yield* newOpenRequest(client.account, terms)
  const requestId = yield* client.requestStorage(request)
  return { client, request, requestId }
})

type Requested = Effect.Success<ReturnType<typeof requested>>

/** An offer at 40,001 tokens that expires with the request. */
export const newOffer = (host: OfferMarketOf, { request, requestId }: Requested, terms: OfferTerms = {}) =>
  new Offer({ host: host.account, requestId, price: 40_001n, expiry: request.expiry, ...terms })

/** A request to which one host has offered. */
export const offered = Effect.fnUntraced(function* (terms?: RequestTerms, offerTerms?: OfferTerms) {
  const scene = yield* requested(terms)
  const host = yield* newBidder()
  const offer = newOffer(host, scene, offerTerms)
  return { ...scene, host, offer, offerId: yield* host.offerStorage(offer) }
})

/** A request whose client has selected an offer. */
export const selected = Effect.fnUntraced(function* (terms?: RequestTerms, offerTerms?: OfferTerms) {
  const scene = yield* offered(terms, offerTerms)
  yield* scene.client.selectOffer(scene.offerId)
  return scene
})

/** A contract that its host has started. */
export const running = Effect.fnUntraced(function* (terms?: RequestTerms, offerTerms?: OfferTerms) {
  const bed = yield* MarketBed
  const scene = yield* selected(terms, offerTerms)
  yield* scene.host.startContract(scene.offerId)
  const startedAt = yield* bed.now
  return { ...scene, startedAt, end: startedAt + scene.request.duration, slot: OfferId.slotId(scene.offerId) }
})

/** A contract that is over, and its host paid. */
export const finished = Effect.fnUntraced(function* (terms?: RequestTerms, offerTerms?: OfferTerms) {
  const bed = yield* MarketBed
  const scene = yield* running(terms, offerTerms)
  yield* bed.advanceTo(scene.end + 1n)
  yield* scene.host.finishContract(scene.offerId)
  return scene
})

/** A contract that has failed, because its host missed too many proofs. */
export const failed = Effect.fnUntraced(function* (terms?: RequestTerms, offerTerms?: OfferTerms) {
  const bed = yield* MarketBed
  const scene = yield* running(terms, offerTerms)
  yield* failContract(scene.client, scene.offerId)
  return { ...scene, failedAt: yield* bed.now }
})

/** Marks missing proofs until the contract has failed. */
export const failContract = Effect.fnUntraced(function* (marker: OfferMarketOf, offerId: OfferId) {
  while ((yield* marker.contractState(offerId)) === "Started") {
    yield* marker.markProofAsMissing(offerId, yield* missProof(marker, OfferId.slotId(offerId)))
  }
})

/** Misses as many proofs as one slash takes, and marks them. */
export const slashBidder = Effect.fnUntraced(function* (marker: OfferMarketOf, offerId: OfferId) {
  const { slashCriterion } = (yield* marker.config).collateral
  for (let i = 0n; i < slashCriterion; i++) {
    yield* marker.markProofAsMissing(offerId, yield* missProof(marker, OfferId.slotId(offerId)))
  }
})

/** A request whose client did not select, a contract that was not started, and one that was not: all expired, the last taken back. */
export const notStarted = Effect.gen(function* () {
  const bed = yield* MarketBed
  const undecided = yield* offered()
  const idle = yield* selected()
  const released = yield* selected()
  yield* bed.advanceTo(released.request.expiry)
  yield* released.client.withdrawFunds(released.requestId)
  return { undecided, idle, released }
})

/** An id that belongs to nothing on the chain. */
export const strangeOffer = Effect.gen(function* () {
  const bed = yield* OfferBed
  const { offers } = yield* bed.newTrader(0n)
  return OfferId.make(`${offers.account}${"0".repeat(24)}`)
})

/** The tokens in the wallet of an account itself. */
export const wallet = (market: OfferMarketOf) => market.tokens(market.account)
