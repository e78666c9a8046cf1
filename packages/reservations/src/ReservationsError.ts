import { SlotId } from "@pecia/contracts-abi"
import { Predicate, Schema } from "effect"
import { AvailabilityId } from "./Availability.ts"

/** More bytes were asked for than the quota has left. */
export class OverQuota extends Schema.TaggedError<OverQuota>()("OverQuota", {
  askedBytes: Schema.BigInt,
  leftBytes: Schema.BigInt,
}) {
  override get message() {
    return `${this.askedBytes} bytes do not fit: ${this.leftBytes} bytes of the quota are left. Free some space or raise the quota.`
  }
}

/** More bytes were to be released than are free. */
export class OverRelease extends Schema.TaggedError<OverRelease>()("OverRelease", {
  availabilityId: AvailabilityId,
  askedBytes: Schema.BigInt,
  freeBytes: Schema.BigInt,
}) {
  override get message() {
    return `Availability ${this.availabilityId} has only ${this.freeBytes} free bytes; ${this.askedBytes} cannot be released.`
  }
}

/** More bytes were booked than are held under that name. */
export class NotHeld extends Schema.TaggedError<NotHeld>()("NotHeld", {
  volume: Schema.String,
  askedBytes: Schema.BigInt,
  heldBytes: Schema.BigInt,
}) {
  override get message() {
    return `Only ${this.heldBytes} bytes are held for ${this.volume}; ${this.askedBytes} cannot be written.`
  }
}

export class UnknownAvailability extends Schema.TaggedError<UnknownAvailability>()("UnknownAvailability", {
  availabilityId: AvailabilityId,
}) {
  override get message() {
    return `There is no availability ${this.availabilityId}.`
  }
}

/** Terms that cannot be offered: a size, duration or amount of the wrong size. */
export class InvalidOffer extends Schema.TaggedError<InvalidOffer>()("InvalidOffer", { detail: Schema.String }) {
  override get message() {
    return this.detail
  }
}

/** The slot has a reservation already. */
export class AlreadyReserved extends Schema.TaggedError<AlreadyReserved>()("AlreadyReserved", { slotId: SlotId }) {
  override get message() {
    return `Slot ${this.slotId} has a reservation already.`
  }
}

/** No availability suits the slot. `reasons` has one sentence for each criterion that ruled some out. */
export class NoMatch extends Schema.TaggedError<NoMatch>()("NoMatch", {
  slotId: SlotId,
  reasons: Schema.Array(Schema.String),
}) {
  override get message() {
    return `No availability suits slot ${this.slotId}: ${this.reasons.join("; ")}.`
  }
}

/** The record of space itself could not be read or written; nothing was changed. */
export class ReservationsError extends Schema.TaggedError<ReservationsError>()("ReservationsError", {
  operation: Schema.String,
  cause: Schema.Defect(),
}) {
  /** Whether the same may work in a while: the database was locked by another process, for instance. */
  get isRetryable(): boolean {
    return Predicate.hasProperty(this.cause, "isRetryable") && this.cause.isRetryable === true
  }

  override get message() {
    const cause = this.cause instanceof Error ? this.cause.message : String(this.cause)
    return `The record of space could not be used (${this.operation}). ${cause}`
  }
}
