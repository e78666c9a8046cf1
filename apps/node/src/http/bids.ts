import { Api, type BidJson, NotFound, type Unavailable } from "@pecia/api"
import { type BidReport, outcomeSentence } from "@pecia/bidding"
import { Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { BidInteractions } from "../BidInteractions.ts"
import { NodeIdentity } from "../NodeIdentity.ts"
import { internal, noOfferMarket, notHost, requestIdFrom } from "./answers.ts"
import { openRequestJson, reservationJson } from "./json.ts"

/** Why nothing comes of it, as a sentence. */
const errorOf = ({ state }: BidReport): string | null =>
  (state._tag === "Clearing" || state._tag === "Ended") && state.outcome._tag !== "Finished"
    ? outcomeSentence(state.outcome)
    : null

const bidJson = (report: BidReport): BidJson => ({
  requestId: report.requestId,
  state: report.name,
  error: errorOf(report),
  request: openRequestJson(report.request),
  offer: Option.match(report.offer, {
    onNone: () => null,
    onSome: ({ offerId, offer }) => ({ offerId, price: offer.price, expiry: offer.expiry }),
  }),
  ...(Option.isSome(report.reservation) ? { reservation: reservationJson(report.reservation.value) } : {}),
})

export const bidsHandlers = HttpApiBuilder.group(
  Api,
  "bids",
  Effect.fn(function* (handlers) {
    const { roles } = yield* NodeIdentity
    const interactions = yield* Effect.serviceOption(BidInteractions)

    const host: Effect.Effect<BidInteractions["Service"], Unavailable> = Option.match(interactions, {
      onNone: () => Effect.fail(roles.includes("host") ? noOfferMarket : notHost),
      onSome: Effect.succeed,
    })

    return handlers.handleAll({
      bids: Effect.fn(function* () {
        const { bidding } = yield* host
        return (yield* Effect.catch(bidding.bids, internal)).map(bidJson)
      }),

      bid: Effect.fn(function* ({ params }) {
        const { bidding } = yield* host
        const id = yield* requestIdFrom(params.requestId)
        const found = yield* Effect.catch(bidding.bid(id), internal)
        if (Option.isNone(found)) return yield* new NotFound({ message: `This host does not bid on request ${id}.` })
        return bidJson(found.value)
      }),
    })
  }),
)
