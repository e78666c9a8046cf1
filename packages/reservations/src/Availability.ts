import { Schema } from "effect"

/** 32 random bytes: `0x` and 64 lower-case hex digits. */
export const AvailabilityId = Schema.String.pipe(
  Schema.check(Schema.isPattern(/^0x[0-9a-f]{64}$/)),
  Schema.brand("AvailabilityId"),
)
export type AvailabilityId = typeof AvailabilityId.Type

/** The terms on which a host offers space. */
const terms = {
  /** Bytes on the market, held, or written under this availability. */
  totalBytes: Schema.BigInt,
  /** The longest request that may use it, in seconds. */
  durationSeconds: Schema.BigInt,
  /** The least price: token base units per byte per second. */
  minPricePerBytePerSecond: Schema.BigInt,
  /** The most collateral that one slot may ask for: token base units. */
  totalCollateral: Schema.BigInt,
  /** False: keeps what it hosts, takes nothing new. */
  enabled: Schema.Boolean,
  /** No slot may last beyond it: unix seconds; 0 for no limit. */
  untilSeconds: Schema.BigInt,
}

export class Offer extends Schema.Class<Offer>("@pecia/reservations/Offer")(terms) {}

/** Space on offer. `freeBytes` is what of the total is neither held nor written. */
export class Availability extends Schema.Class<Availability>("@pecia/reservations/Availability")({
  id: AvailabilityId,
  ...terms,
  freeBytes: Schema.BigInt,
}) {}
