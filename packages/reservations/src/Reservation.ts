import { RequestId, SlotId } from "@pecia/contracts-abi"
import { Effect, Schema } from "effect"
import { AvailabilityId } from "./Availability.ts"

/** Which market a slot is from: the one with fixed prices or the one by offers. Each role of a host touches only its own. */
export const SlotMarket = Schema.Literals(["Marketplace", "OfferMarket"])
export type SlotMarket = typeof SlotMarket.Type

const market = SlotMarket.pipe(Schema.withConstructorDefault(Effect.succeed("Marketplace" as const)))

/** What a slot needs of a host, to be matched against availabilities. */
export class SlotDemand extends Schema.Class<SlotDemand>("@pecia/reservations/SlotDemand")({
  /** By default `Marketplace`. */
  market,
  requestId: RequestId,
  slotIndex: Schema.BigInt,
  slotId: SlotId,
  sizeBytes: Schema.BigInt,
  durationSeconds: Schema.BigInt,
  /** Token base units per second for the whole slot: the request's reward. */
  pricePerSecond: Schema.BigInt,
  /** Token base units that the contract wants deposited. */
  collateral: Schema.BigInt,
  /** When the slot would end: unix seconds. */
  endSeconds: Schema.BigInt,
}) {}

/** Space taken from an availability for one slot. `sizeBytes` = held + written. */
export class Reservation extends Schema.Class<Reservation>("@pecia/reservations/Reservation")({
  /** By default `Marketplace`. */
  market,
  requestId: RequestId,
  slotIndex: Schema.BigInt,
  slotId: SlotId,
  availabilityId: AvailabilityId,
  sizeBytes: Schema.BigInt,
  writtenBytes: Schema.BigInt,
  endSeconds: Schema.BigInt,
}) {}
