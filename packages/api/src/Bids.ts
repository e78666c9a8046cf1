import { OfferId, RequestId } from "@pecia/contracts-abi"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { errors } from "./ApiError.ts"
import { OpenRequestJson } from "./Auctions.ts"
import { JsonAmount, JsonNumber } from "./Quantity.ts"
import { ReservationJson } from "./Sales.ts"

export const BidState = Schema.Literals([
  "unknown",
  "reserving",
  "offering",
  "offered",
  "downloading",
  "starting",
  "started",
  "payout",
  "finished",
  "failed",
  "notSelected",
  "notStarted",
  "declined",
  "errored",
])
export type BidState = typeof BidState.Type

export const BidJson = Schema.Struct({
  requestId: RequestId,
  state: BidState,
  /** Why nothing comes of it, as a sentence. */
  error: Schema.NullOr(Schema.String),
  request: OpenRequestJson,
  /** What this host asks for: token base units for the whole duration. `expiry` in unix seconds. */
  offer: Schema.NullOr(Schema.Struct({ offerId: OfferId, price: JsonAmount, expiry: JsonNumber })),
  reservation: Schema.optionalKey(ReservationJson),
}).annotate({ identifier: "Bid" })
export type BidJson = typeof BidJson.Type

/** A host's bids on open requests. */
export class BidsGroup extends HttpApiGroup.make("bids", { topLevel: true }).add(
  /** Those that go on. */
  HttpApiEndpoint.get("bids", "/sales/bids", { success: Schema.Array(BidJson), error: errors }),
  HttpApiEndpoint.get("bid", "/sales/bids/:requestId", {
    params: { requestId: Schema.String },
    success: BidJson,
    error: errors,
  }),
) {}
