import type { SlotId } from "@pecia/contracts-abi"
import { Effect, Option, Result } from "effect"
import { Availability, type AvailabilityId, type Offer } from "../Availability.ts"
import { Reservation, type SlotDemand } from "../Reservation.ts"
import type { Reservations, ReservationsOptions } from "../Reservations.ts"
import { AlreadyReserved, NoMatch, OverQuota, OverRelease, UnknownAvailability } from "../ReservationsError.ts"
import { Space } from "../Space.ts"
import { Volume } from "../Volume.ts"
import { randomAvailabilityId } from "./availabilityId.ts"
import { checkBytes, checkOffer, quotas } from "./limits.ts"
import { bestFit, checkDemand, reasons, survey } from "./match.ts"
import * as Booking from "./volume.ts"

/** The reference. A member is atomic because nothing yields between its first look at the maps and its last change to them. */
export const makeMemory = Effect.fnUntraced(function* (
  options: ReservationsOptions,
): Effect.fn.Return<Reservations["Service"]> {
  const ledger = new Ledger(yield* quotas(options))
  return { ...offering(ledger), ...reserving(ledger), ...booking(ledger), ...reporting(ledger) }
})

class Ledger {
  readonly availabilities = new Map<AvailabilityId, Availability>()
  readonly volumes = new Map<string, Volume>()
  /** In the order in which they were let go of. */
  readonly cached = new Set<string>()
  readonly slots = new Map<string, { readonly slot: SlotDemand; readonly availabilityId: AvailabilityId }>()
  readonly #quota: Required<ReservationsOptions>

  constructor(quota: Required<ReservationsOptions>) {
    this.#quota = quota
  }

  entry(name: string): Booking.Entry {
    const volume = this.volumes.get(name) ?? Booking.empty(name)
    return { volume, isSlot: this.slots.has(name), isCached: this.cached.has(name) }
  }

  put(volume: Volume): void {
    if (Booking.isEmpty({ ...this.entry(volume.name), volume })) this.volumes.delete(volume.name)
    else this.volumes.set(volume.name, volume)
  }

  letGo({ isCached, volume }: Booking.Entry): void {
    this.cached.delete(volume.name)
    if (isCached) this.cached.add(volume.name)
    this.put(volume)
  }

  space(): Space {
    return new Space({
      ...this.#quota,
      usedBytes: sum(this.volumes, ({ writtenBytes }) => writtenBytes),
      reservedBytes:
        sum(this.availabilities, ({ freeBytes }) => freeBytes) + sum(this.volumes, ({ heldBytes }) => heldBytes),
      metadataUsedBytes: sum(this.volumes, ({ metadataBytes }) => metadataBytes),
    })
  }

  reservation(slotId: string): Option.Option<Reservation> {
    const standing = this.slots.get(slotId)
    if (standing === undefined) return Option.none()
    const { heldBytes, writtenBytes } = this.entry(slotId).volume
    const { availabilityId, slot } = standing
    return Option.some(new Reservation({ ...slot, availabilityId, sizeBytes: heldBytes + writtenBytes, writtenBytes }))
  }
}

const sum = <A>(all: ReadonlyMap<string, A>, bytes: (one: A) => bigint): bigint =>
  [...all.values()].reduce((total, one) => total + bytes(one), 0n)

const offering = (ledger: Ledger) => ({
  offer: Effect.fn("Reservations.offer")(function* (offer: Offer) {
    yield* Effect.fromResult(checkOffer(offer))
    const id = yield* randomAvailabilityId
    const { leftBytes } = ledger.space()
    if (offer.totalBytes > leftBytes) return yield* new OverQuota({ askedBytes: offer.totalBytes, leftBytes })
    const availability = new Availability({ ...offer, id, freeBytes: offer.totalBytes })
    ledger.availabilities.set(id, availability)
    return availability
  }),

  availabilities: Effect.sync(() => [...ledger.availabilities.values()]),

  availability: Effect.fn("Reservations.availability")(function* (id: AvailabilityId) {
    return ledger.availabilities.get(id) ?? (yield* new UnknownAvailability({ availabilityId: id }))
  }),

  release: Effect.fn("Reservations.release")(function* (id: AvailabilityId, bytes: bigint) {
    yield* checkBytes(bytes)
    const availability = ledger.availabilities.get(id)
    if (availability === undefined) return yield* new UnknownAvailability({ availabilityId: id })
    const { freeBytes, totalBytes } = availability
    if (bytes > freeBytes) return yield* new OverRelease({ availabilityId: id, askedBytes: bytes, freeBytes })
    const rest = { totalBytes: totalBytes - bytes, freeBytes: freeBytes - bytes }
    if (rest.totalBytes === 0n) ledger.availabilities.delete(id)
    else ledger.availabilities.set(id, new Availability({ ...availability, ...rest }))
  }),
})

const reserving = (ledger: Ledger) => ({
  reserve: Effect.fn("Reservations.reserve")(function* (slot: SlotDemand) {
    const { sizeBytes, slotId } = slot
    const { isSlot, volume } = ledger.entry(slotId)
    if (isSlot || Booking.hasData(volume)) return yield* new AlreadyReserved({ slotId })
    const sound = checkDemand(slot)
    if (Result.isFailure(sound)) return yield* new NoMatch({ slotId, reasons: [sound.failure] })
    const all = [...ledger.availabilities.values()]
    const best = bestFit(all, slot)
    if (best === undefined) return yield* new NoMatch({ slotId, reasons: reasons(survey(all, slot), slot) })
    ledger.availabilities.set(best.id, new Availability({ ...best, freeBytes: best.freeBytes - sizeBytes }))
    ledger.volumes.set(slotId, new Volume({ ...volume, heldBytes: sizeBytes }))
    ledger.slots.set(slotId, { slot, availabilityId: best.id })
    ledger.cached.delete(slotId)
    return new Reservation({ ...slot, availabilityId: best.id, writtenBytes: 0n })
  }),

  reservation: Effect.fn("Reservations.reservation")((slotId: SlotId) => Effect.sync(() => ledger.reservation(slotId))),

  reservations: Effect.sync(() =>
    [...ledger.slots.keys()].flatMap((slotId) => Option.toArray(ledger.reservation(slotId))),
  ),
})

const booking = (ledger: Ledger) => {
  /** Looks and changes in one go. */
  const book = <E>(change: () => Result.Result<Volume, E>): Effect.Effect<void, E> =>
    Effect.suspend(() => {
      const changed = change()
      if (Result.isFailure(changed)) return Effect.fail(changed.failure)
      ledger.put(changed.success)
      return Effect.void
    })

  return {
    hold: Effect.fn("Reservations.hold")(function* (name: string, bytes: bigint) {
      yield* checkBytes(bytes)
      yield* book(() => Booking.hold(ledger.entry(name), bytes, ledger.space().leftBytes))
    }),

    write: Effect.fn("Reservations.write")(function* (name: string, bytes: bigint) {
      yield* checkBytes(bytes)
      yield* book(() => Booking.write(ledger.entry(name), bytes))
    }),

    writeMetadata: Effect.fn("Reservations.writeMetadata")(function* (name: string, bytes: bigint) {
      yield* checkBytes(bytes)
      yield* book(() => Booking.writeMetadata(ledger.entry(name), bytes, ledger.space().metadataLeftBytes))
    }),

    trim: Effect.fn("Reservations.trim")((name: string) =>
      book(() => Result.succeed(Booking.trim(ledger.entry(name)))),
    ),

    cache: Effect.fn("Reservations.cache")((name: string) =>
      Effect.suspend(() => {
        const cached = Booking.cache(ledger.entry(name))
        if (Result.isFailure(cached)) return Effect.die(cached.failure)
        ledger.letGo(cached.success)
        return Effect.void
      }),
    ),

    keep: Effect.fn("Reservations.keep")((name: string) =>
      Effect.sync(() => ledger.letGo({ ...ledger.entry(name), isCached: false })),
    ),

    rename: Effect.fn("Reservations.rename")((from: string, to: string) =>
      Effect.suspend(() => {
        if (from === to) return Effect.void
        const renamed = Booking.rename(ledger.entry(from), ledger.entry(to))
        if (Result.isFailure(renamed)) return Effect.die(renamed.failure)
        ledger.volumes.delete(from)
        ledger.cached.delete(from)
        ledger.letGo(renamed.success)
        return Effect.void
      }),
    ),

    settle: Effect.fn("Reservations.settle")(function* (name: string, found: Booking.Found) {
      yield* checkBytes(found.dataBytes, found.metadataBytes)
      yield* book(() => Booking.settle(ledger.entry(name), found))
    }),

    giveBack: Effect.fn("Reservations.giveBack")((name: string) =>
      Effect.sync(() => {
        const { heldBytes, writtenBytes } = ledger.entry(name).volume
        const standing = ledger.slots.get(name)
        const availability = standing && ledger.availabilities.get(standing.availabilityId)
        if (availability !== undefined) {
          const freeBytes = availability.freeBytes + heldBytes + writtenBytes
          ledger.availabilities.set(availability.id, new Availability({ ...availability, freeBytes }))
        }
        ledger.slots.delete(name)
        ledger.cached.delete(name)
        ledger.volumes.delete(name)
      }),
    ),
  }
}

const reporting = (ledger: Ledger) => ({
  volumes: Effect.sync(() => [...ledger.volumes.values()]),
  cached: Effect.sync(() => [...ledger.cached]),
  space: Effect.sync(() => ledger.space()),
})
