import { RequestId, SlotId } from "@pecia/contracts-abi"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { errors } from "./ApiError.ts"
import { AnyQuantity, JsonAmount, JsonNumber } from "./Quantity.ts"
import { body, RequestJson } from "./Storage.ts"

export const AvailabilityJson = Schema.Struct({
  id: Schema.String,
  totalSize: JsonNumber,
  freeSize: JsonNumber,
  /** Seconds. */
  duration: JsonNumber,
  minPricePerBytePerSecond: JsonAmount,
  totalCollateral: JsonAmount,
  totalRemainingCollateral: JsonAmount,
  enabled: Schema.Boolean,
  /** Unix seconds; 0 for no limit. */
  until: JsonNumber,
}).annotate({ identifier: "Availability" })
export type AvailabilityJson = typeof AvailabilityJson.Type

/** The terms of a new availability. */
export const OfferJson = Schema.Struct({
  totalSize: AnyQuantity,
  duration: AnyQuantity,
  minPricePerBytePerSecond: AnyQuantity,
  totalCollateral: AnyQuantity,
  enabled: Schema.optionalKey(Schema.Boolean),
  until: Schema.optionalKey(AnyQuantity),
})
export type OfferJson = typeof OfferJson.Type

export const SlotListItem = Schema.Struct({ id: SlotId, request: RequestJson, slotIndex: JsonNumber })

export const ReservationJson = Schema.Struct({
  id: SlotId,
  availabilityId: Schema.String,
  size: JsonNumber,
  requestId: RequestId,
  slotIndex: JsonNumber,
  /** Unix seconds. */
  validUntil: JsonNumber,
}).annotate({ identifier: "Reservation" })

export const SaleState = Schema.Literals([
  "SaleUnknown",
  "SalePreparing",
  "SaleDownloading",
  "SaleInitialProving",
  "SaleFilling",
  "SaleFilled",
  "SaleProving",
  "SalePayout",
  "SaleFinished",
  "SaleCancelled",
  "SaleFailed",
  "SaleErrored",
  "SaleIgnored",
])
export type SaleState = typeof SaleState.Type

export const SlotJson = Schema.Struct({
  state: SaleState,
  requestId: RequestId,
  slotIndex: JsonNumber,
  request: Schema.optionalKey(RequestJson),
  reservation: Schema.optionalKey(ReservationJson),
})
export type SlotJson = typeof SlotJson.Type

const id = { id: Schema.String }

/** A host's space and the slots in it. */
export class SalesGroup extends HttpApiGroup.make("sales", { topLevel: true }).add(
  HttpApiEndpoint.get("slots", "/sales/slots", { success: Schema.Array(SlotListItem), error: errors }),
  HttpApiEndpoint.get("slot", "/sales/slots/:id", { params: id, success: SlotJson, error: errors }),
  HttpApiEndpoint.get("availabilities", "/sales/availability", {
    success: Schema.Array(AvailabilityJson),
    error: errors,
  }),
  HttpApiEndpoint.post("createAvailability", "/sales/availability", {
    payload: body(OfferJson),
    success: AvailabilityJson.pipe(HttpApiSchema.status(201)),
    error: errors,
  }),
  HttpApiEndpoint.get("reservations", "/sales/availability/:id/reservations", {
    params: id,
    success: Schema.Array(ReservationJson),
    error: errors,
  }),
) {}
