import type { SlotId } from "@pecia/contracts-abi"
import { Context, type Effect, type Option, Schema } from "effect"
import type { Availability, AvailabilityId, Offer } from "./Availability.ts"
import type { Reservation, SlotDemand } from "./Reservation.ts"
import type * as Failure from "./ReservationsError.ts"

/** How a node's space is used. All numbers are bytes of data blocks unless they say metadata. */
export class Space extends Schema.Class<Space>("@pecia/reservations/Space")({
  quotaBytes: Schema.BigInt,
  /** Blocks that are on disk. */
  usedBytes: Schema.BigInt,
  /** Free in availabilities, or held for a slot or an upload. */
  reservedBytes: Schema.BigInt,
  metadataUsedBytes: Schema.BigInt,
  metadataQuotaBytes: Schema.BigInt,
}) {}

/** What is on disk, or held, under one name: a slot's id, an upload's id or a dataset's CID. */
export class Volume extends Schema.Class<Volume>("@pecia/reservations/Volume")({
  name: Schema.String,
  heldBytes: Schema.BigInt,
  writtenBytes: Schema.BigInt,
  metadataBytes: Schema.BigInt,
}) {}

type Broken = Failure.ReservationsError

/**
 * The one ledger of bytes of a node.
 *
 * Law: quota >= used + reserved. Every member is atomic; bytes are held before a block is written and booked after it, so that
 * a crash in between leaves more held than used, never less. A slot's bytes come from an availability and go back to it.
 * Blocks of metadata (manifests) count against an allowance of their own, so that a quota sold to the last byte still hosts.
 */
export class Reservations extends Context.Service<
  Reservations,
  {
    /** Puts space on the market. */
    readonly offer: (
      offer: Offer,
    ) => Effect.Effect<Availability, Failure.OverQuota | Failure.InvalidOffer | Broken>
    readonly availabilities: Effect.Effect<ReadonlyArray<Availability>, Broken>
    readonly availability: (
      id: AvailabilityId,
    ) => Effect.Effect<Availability, Failure.UnknownAvailability | Broken>
    /** Takes free bytes off the market. The last one deletes the record, unless a slot still stands on it. */
    readonly release: (
      id: AvailabilityId,
      bytes: bigint,
    ) => Effect.Effect<void, Failure.UnknownAvailability | Failure.OverRelease | Broken>

    /** Finds the availability that fits best (least free bytes left over) and holds the slot's bytes, in one step. */
    readonly reserve: (
      slot: SlotDemand,
    ) => Effect.Effect<Reservation, Failure.NoMatch | Failure.AlreadyReserved | Broken>
    readonly reservation: (slotId: SlotId) => Effect.Effect<Option.Option<Reservation>, Broken>
    readonly reservations: Effect.Effect<ReadonlyArray<Reservation>, Broken>

    /** Holds bytes of the quota that are not on the market, for a volume that is not a slot. Adds to what is held. */
    readonly hold: (volume: string, bytes: bigint) => Effect.Effect<void, Failure.OverQuota | Broken>
    /** Turns held bytes into written ones. */
    readonly write: (volume: string, bytes: bigint) => Effect.Effect<void, Failure.NotHeld | Broken>
    /** Books a block of metadata; nothing has to be held for it. */
    readonly writeMetadata: (volume: string, bytes: bigint) => Effect.Effect<void, Failure.OverQuota | Broken>
    /** Gives back what is held but not written. Of a slot: nothing, its bytes stay reserved. */
    readonly trim: (volume: string) => Effect.Effect<void, Broken>
    /** The volume goes by another name from now on. */
    readonly rename: (from: string, to: string) => Effect.Effect<void, Broken>
    /** Returns all that is held or written under the name; of a slot, to its availability. Nothing there: nothing happens. */
    readonly giveBack: (volume: string) => Effect.Effect<void, Broken>

    /** All names under which something is held or written. */
    readonly volumes: Effect.Effect<ReadonlyArray<Volume>, Broken>
    /** Sets what is written to what was found on disk; the difference becomes held (slots) or free (others). */
    readonly settle: (
      volume: string,
      found: { readonly dataBytes: bigint; readonly metadataBytes: bigint },
    ) => Effect.Effect<void, Failure.NotHeld | Broken>
    readonly space: Effect.Effect<Space, Broken>
  }
>()("@pecia/reservations/Reservations") {}
