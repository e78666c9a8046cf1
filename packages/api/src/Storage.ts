import { Address, Nonce, RequestId } from "@pecia/contracts-abi"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { errors } from "./ApiError.ts"
import { AnyQuantity, JsonAmount, JsonNumber } from "./Quantity.ts"

/** A storage request as clients read it. `reward` is what stands on the chain: tokens per second per slot. */
export const RequestJson = Schema.Struct({
  id: RequestId,
  client: Address,
  ask: Schema.Struct({
    slots: JsonNumber,
    slotSize: JsonNumber,
    duration: JsonNumber,
    proofProbability: JsonAmount,
    pricePerBytePerSecond: JsonAmount,
    collateralPerByte: JsonAmount,
    maxSlotLoss: JsonNumber,
    reward: JsonAmount,
  }),
  content: Schema.Struct({ cid: Schema.String }),
  /** Unix seconds. */
  expiry: JsonNumber,
  nonce: Nonce,
}).annotate({ identifier: "Request" })
export type RequestJson = typeof RequestJson.Type

export const PurchaseState = Schema.Literals([
  "pending",
  "submitted",
  "started",
  "finished",
  "cancelled",
  "failed",
  "errored",
  "unknown",
])
export type PurchaseState = typeof PurchaseState.Type

export const PurchaseJson = Schema.Struct({
  requestId: RequestId,
  state: PurchaseState,
  error: Schema.NullOr(Schema.String),
  request: RequestJson,
})
export type PurchaseJson = typeof PurchaseJson.Type

/** What a client asks for. Durations in seconds; `expiry` counts from now and lies before the end. */
export const PurchaseTerms = Schema.Struct({
  duration: AnyQuantity,
  pricePerBytePerSecond: AnyQuantity,
  proofProbability: AnyQuantity,
  collateralPerByte: Schema.optionalKey(AnyQuantity),
  expiry: AnyQuantity,
  /** Slots in all; 3 when left out. */
  nodes: Schema.optionalKey(AnyQuantity),
  /** How many of the slots can be lost before the request fails, while the file is still there; 1 when left out. */
  tolerance: Schema.optionalKey(AnyQuantity),
})
export type PurchaseTerms = typeof PurchaseTerms.Type

/** A JSON body, whatever its type is said to be: some clients call it text, and curl by default a form. */
export const body = <S extends Schema.Top>(schema: S) => {
  const text = Schema.fromJsonString(schema)
  const form = { contentType: "application/x-www-form-urlencoded" }
  return [schema, text.pipe(HttpApiSchema.asText()), text.pipe(HttpApiSchema.asText(form))] as const
}

/** A client's purchases. */
export class StorageGroup extends HttpApiGroup.make("storage", { topLevel: true }).add(
  /** Answers the id of the request, without 0x. */
  HttpApiEndpoint.post("requestStorage", "/storage/request/:cid", {
    params: { cid: Schema.String },
    payload: body(PurchaseTerms),
    success: Schema.String.pipe(HttpApiSchema.asText()),
    error: errors,
  }),
  HttpApiEndpoint.get("purchaseIds", "/storage/purchases", { success: Schema.Array(RequestId), error: errors }),
  HttpApiEndpoint.get("purchase", "/storage/purchases/:id", {
    params: { id: Schema.String },
    success: PurchaseJson,
    error: errors,
  }),
) {}
