import type { SlotId } from "@pecia/contracts-abi"
import { Context, type Effect, Layer, type Option } from "effect"
import type { SqlClient } from "effect/sql"
import type { Availability, AvailabilityId, Offer } from "./Availability.ts"
import { makeMemory } from "./internal/memory.ts"
import { makeSql } from "./internal/sql.ts"
import type { Reservation, SlotDemand } from "./Reservation.ts"
import type * as Failure from "./ReservationsError.ts"
import type { Space } from "./Space.ts"
import type { Volume } from "./Volume.ts"

/** What a node may use for data. At most 2^63 - 1 bytes each; more is a defect. */
export interface ReservationsOptions {
  readonly quotaBytes: bigint
  /** For manifests. By default 1 MiB and a 64th of the quota. */
  readonly metadataQuotaBytes?: bigint
}

type Broken = Failure.ReservationsError

/**
 * The one ledger of bytes of a node.
 *
 * Law: quota >= used + reserved. Every member is atomic; bytes are held before a block is written and booked after it, so that
 * a crash in between leaves more held than used, never less. A slot's bytes come from an availability and go back to it.
 * Blocks of metadata (manifests) count against an allowance of their own, so that a quota sold to the last byte still hosts.
 * A quota that was lowered below what is in use takes nothing away: nothing new is offered or held until enough was given back.
 */
export class Reservations extends Context.Service<
  Reservations,
  {
    /** Puts space on the market. Sizes and times from 1 to 2^63 - 1 (until: from 0), amounts of tokens to 2^256 - 1. */
    readonly offer: (offer: Offer) => Effect.Effect<Availability, Failure.OverQuota | Failure.InvalidOffer | Broken>
    /** The oldest first. */
    readonly availabilities: Effect.Effect<ReadonlyArray<Availability>, Broken>
    readonly availability: (id: AvailabilityId) => Effect.Effect<Availability, Failure.UnknownAvailability | Broken>
    /** Takes free bytes off the market. The last one deletes the record, unless a slot still stands on it. */
    readonly release: (
      id: AvailabilityId,
      bytes: bigint,
    ) => Effect.Effect<void, Failure.UnknownAvailability | Failure.OverRelease | Broken>

    /** Finds the availability that fits best (least free bytes left over, the oldest of several) and holds the slot's bytes, in one step. */
    readonly reserve: (
      slot: SlotDemand,
    ) => Effect.Effect<Reservation, Failure.NoMatch | Failure.AlreadyReserved | Broken>
    readonly reservation: (slotId: SlotId) => Effect.Effect<Option.Option<Reservation>, Broken>
    readonly reservations: Effect.Effect<ReadonlyArray<Reservation>, Broken>

    /**
     * Holds bytes of the quota that are not on the market. Adds to what is held. Of a slot, nothing is added, as its bytes are held
     * from the start: `OverQuota` if they do not suffice.
     */
    readonly hold: (volume: string, bytes: bigint) => Effect.Effect<void, Failure.OverQuota | Broken>
    /** Turns held bytes into written ones. */
    readonly write: (volume: string, bytes: bigint) => Effect.Effect<void, Failure.NotHeld | Broken>
    /** Books a block of metadata; nothing has to be held for it. */
    readonly writeMetadata: (volume: string, bytes: bigint) => Effect.Effect<void, Failure.OverQuota | Broken>
    /** Gives back what is held but not written. Of a slot: nothing, its bytes stay reserved. */
    readonly trim: (volume: string) => Effect.Effect<void, Broken>
    /**
     * Lets go of a volume: whoever keeps its blocks may drop it when its space is needed. Its bytes stay booked until they are given back.
     * Nothing there: nothing happens. Not for slots: a defect.
     */
    readonly cache: (volume: string) => Effect.Effect<void, Broken>
    /** Takes `cache` back. */
    readonly keep: (volume: string) => Effect.Effect<void, Broken>
    /** What was let go of, in the order in which it was, the last time of several. */
    readonly cached: Effect.Effect<ReadonlyArray<string>, Broken>
    /**
     * The volume goes by another name from now on, together with what stands there. It has been let go of if both were: just now.
     * Not for slots: a defect.
     */
    readonly rename: (from: string, to: string) => Effect.Effect<void, Broken>
    /** Returns all that is held or written under the name; of a slot, to its availability. Nothing there: nothing happens. */
    readonly giveBack: (volume: string) => Effect.Effect<void, Broken>

    /** All names under which something is held or written, in no order. */
    readonly volumes: Effect.Effect<ReadonlyArray<Volume>, Broken>
    /**
     * Sets what is written to what was found on disk. Less than was booked: the difference becomes held (slots) or free (others).
     * More: it comes out of what is held. More than that: `NotHeld`, nothing changes.
     */
    readonly settle: (
      volume: string,
      found: { readonly dataBytes: bigint; readonly metadataBytes: bigint },
    ) => Effect.Effect<void, Failure.NotHeld | Broken>
    readonly space: Effect.Effect<Space, Broken>
  }
>()("@pecia/reservations/Reservations") {
  /** The reference: forgets everything when its scope closes. */
  static readonly layerMemory = (options: ReservationsOptions): Layer.Layer<Reservations> =>
    Layer.effect(Reservations, makeMemory(options))

  /** In the database of the `SqlClient`, which has to be SQLite. Makes its tables, all named `space_*`, or brings them up to date. */
  static readonly layerSql = (
    options: ReservationsOptions,
  ): Layer.Layer<Reservations, Failure.ReservationsError, SqlClient.SqlClient> =>
    Layer.effect(Reservations, makeSql(options))
}
