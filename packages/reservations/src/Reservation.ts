import { RequestId, SlotId } from "@pecia/contracts-abi"
import { Schema } from "effect"
import { AvailabilityId } from "./Availability.ts"

/** What a slot needs of a host, to be matched against availabilities. */
export class SlotDemand extends Schema.Class<SlotDemand>("@pecia/reservations/SlotDemand")({
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
  requestId: RequestId,
  slotIndex: Schema.BigInt,
  slotId: SlotId,
  availabilityId: AvailabilityId,
  sizeBytes: Schema.BigInt,
  writtenBytes: Schema.BigInt,
  endSeconds: Schema.BigInt,
}) {}
