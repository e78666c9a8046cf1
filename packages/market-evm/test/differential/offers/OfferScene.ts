import type { ContractState, Offer, OfferId, OpenRequest, RequestId } from "@pecia/contracts-abi"
import { Effect, Option } from "effect"
import type { Terms } from "../Terms.ts"
import type { OfferSide } from "./OfferSide.ts"

export interface OfferNow {
  readonly id: OfferId
  readonly offer: Offer
  /** The place of its host among the accounts. */
  readonly host: number
  readonly state: ContractState
  /** Unix seconds; undefined: the contract was never started. */
  readonly end: bigint | undefined
}

export interface RequestNow {
  readonly id: RequestId
  readonly request: OpenRequest
  /** Its place among the accounts. */
  readonly client: number
  readonly selected: OfferId | undefined
  readonly offers: ReadonlyArray<OfferNow>
}

/** What there is at the moment: on it depends what makes sense to be done next. */
export interface OfferScene {
  readonly terms: Terms
  /** Unix seconds. */
  readonly now: bigint
  /** Of the latest block. */
  readonly number: bigint
  readonly requests: ReadonlyArray<RequestNow>
  readonly offers: ReadonlyArray<OfferNow>
}

/** What there is on one side, as far as these ids are concerned. */
export const sceneOf = Effect.fnUntraced(function* (
  side: OfferSide,
  terms: Terms,
  requestIds: ReadonlyArray<RequestId>,
  offerIds: ReadonlyArray<OfferId>,
) {
  const [any] = side.markets
  if (any === undefined) return yield* Effect.die("Nobody takes part.")
  const whoIs = (account: string) => side.markets.findIndex((market) => market.account === account)

  const offers = yield* Effect.forEach(offerIds, (id) =>
    Effect.gen(function* () {
      const offer = Option.getOrThrow(yield* any.getOffer(id))
      const end = Option.getOrUndefined(yield* any.proofEnd(id))
      const now: OfferNow = { id, offer, host: whoIs(offer.host), state: yield* any.contractState(id), end }
      return now
    }),
  )
  const requests = yield* Effect.forEach(requestIds, (id) =>
    Effect.gen(function* () {
      const request = Option.getOrThrow(yield* any.getRequest(id))
      const now: RequestNow = {
        id,
        request,
        client: whoIs(request.client),
        selected: Option.getOrUndefined(yield* any.selectedOffer(id)),
        offers: offers.filter(({ offer }) => offer.requestId === id),
      }
      return now
    }),
  )
  const { number, timestamp } = yield* side.head
  const scene: OfferScene = { terms, now: timestamp, number, requests, offers }
  return scene
})
