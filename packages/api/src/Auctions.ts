import { Address, ContentHash, Nonce, OfferId, RequestId } from "@pecia/contracts-abi"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { errors } from "./ApiError.ts"
import { AnyQuantity, JsonAmount, JsonNumber } from "./Quantity.ts"
import { body } from "./Storage.ts"

/** A request to which hosts offer, for one slot. */
export const OpenRequestJson = Schema.Struct({
  client: Address,
  /** Bytes. */
  size: JsonNumber,
  /** Seconds, counted from the start of the contract. */
  duration: JsonNumber,
  contentHash: ContentHash,
  proofProbability: JsonAmount,
  /** Token base units for the whole duration, paid in advance. */
  maxPrice: JsonAmount,
  /** Unix seconds. */
  expiry: JsonNumber,
  nonce: Nonce,
}).annotate({ identifier: "OpenRequest" })
export type OpenRequestJson = typeof OpenRequestJson.Type

export const AuctionState = Schema.Literals([
  "pending",
  "open",
  "selected",
  "started",
  "finished",
  "unsold",
  "notStarted",
  "failed",
  "errored",
])
export type AuctionState = typeof AuctionState.Type

export const AuctionJson = Schema.Struct({
  requestId: RequestId,
  state: AuctionState,
  error: Schema.NullOr(Schema.String),
  /** CID of the slot manifest: the auctions of one file share it. */
  dataset: Schema.String,
  slotIndex: Schema.Int,
  /** How many offers the node has seen and keeps. Null: not known, as it has not read them since its start, or the auction is over. */
  offers: Schema.NullOr(Schema.Int),
  request: OpenRequestJson,
  /** The offer that was selected; its price is in token base units for the whole duration. */
  selected: Schema.NullOr(Schema.Struct({ offerId: OfferId, host: Address, price: JsonAmount })),
}).annotate({ identifier: "Auction" })
export type AuctionJson = typeof AuctionJson.Type

/** What a client asks for. Durations in seconds; `expiry` counts from now. */
export const AuctionTerms = Schema.Struct({
  duration: AnyQuantity,
  /** From now on, until when a host has to be selected and to have started: from 10 seconds to 30 days. */
  expiry: AnyQuantity,
  proofProbability: AnyQuantity,
  /** Token base units; what hosts ask for less comes back. */
  maxPricePerBytePerSecond: AnyQuantity,
  /** Slots, each traded by itself; 3 when left out. */
  nodes: Schema.optionalKey(AnyQuantity),
  /** How many of the slots can be lost and the file is still there; when left out 1, with a single slot 0. */
  tolerance: Schema.optionalKey(AnyQuantity),
})
export type AuctionTerms = typeof AuctionTerms.Type

/** A client's auctions: one for each slot, to which hosts offer. */
export class AuctionsGroup extends HttpApiGroup.make("auctions", { topLevel: true }).add(
  /** Answers the ids of the requests, in the order of the slots. */
  HttpApiEndpoint.post("openAuctions", "/storage/auctions/:cid", {
    params: { cid: Schema.String },
    payload: body(AuctionTerms),
    success: Schema.Array(RequestId).pipe(HttpApiSchema.status(201)),
    error: errors,
  }),
  HttpApiEndpoint.get("auctions", "/storage/auctions", { success: Schema.Array(AuctionJson), error: errors }),
  HttpApiEndpoint.get("auction", "/storage/auctions/:id", {
    params: { id: Schema.String },
    success: AuctionJson,
    error: errors,
  }),
) {}
