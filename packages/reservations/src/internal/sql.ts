import type { SlotId } from "@pecia/contracts-abi"
import { Effect, Option, Result } from "effect"
import { SqlClient } from "effect/sql"
import { Availability, type AvailabilityId, type Offer } from "../Availability.ts"
import { Reservation, type SlotDemand } from "../Reservation.ts"
import type { Reservations, ReservationsOptions } from "../Reservations.ts"
import type { ReservationsError } from "../ReservationsError.ts"
import { AlreadyReserved, NoMatch, OverQuota, OverRelease, UnknownAvailability } from "../ReservationsError.ts"
import { randomAvailabilityId } from "./availabilityId.ts"
import { makeFit } from "./fit.ts"
import { checkBytes, checkOffer, quotas } from "./limits.ts"
import { checkDemand, reasons } from "./match.ts"
import { makeRecords, type Records, reading } from "./records.ts"
import * as Row from "./rows.ts"
import { migrate, recount } from "./tables.ts"
import * as Booking from "./volume.ts"

/** A member that changes something is one transaction, which begins with the right to write. */
export const makeSql = Effect.fnUntraced(function* (
  options: ReservationsOptions,
): Effect.fn.Return<Reservations["Service"], ReservationsError, SqlClient.SqlClient> {
  const records = makeRecords(yield* SqlClient.SqlClient, yield* quotas(options))
  yield* migrate.pipe(
    Effect.andThen(recount),
    Effect.provideService(SqlClient.SqlClient, records.sql),
    records.writing("start"),
  )
  return { ...offering(records), ...reserving(records), ...booking(records), ...reporting(records) }
})

const offering = (records: Records) => {
  const { leaveOut, sql, writing } = records
  const rows = sql`SELECT ${sql.literal(Row.availabilityColumns)} FROM space_availability`
  return {
    offer: Effect.fn("Reservations.offer")(function* (offer: Offer) {
      yield* Effect.fromResult(checkOffer(offer))
      const { leftBytes } = yield* records.space
      if (offer.totalBytes > leftBytes) return yield* new OverQuota({ askedBytes: offer.totalBytes, leftBytes })
      const availability = new Availability({ ...offer, id: yield* randomAvailabilityId, freeBytes: offer.totalBytes })
      yield* sql`INSERT INTO space_availability ${sql.insert(Row.availabilityRecord(availability))}`
      return availability
    }, writing("offer")),

    availabilities: Effect.flatMap(sql`${rows} ORDER BY seq`, leaveOut(Row.decodeAvailability)).pipe(
      reading("availabilities"),
    ),

    availability: Effect.fn("Reservations.availability")(function* (id: AvailabilityId) {
      const [availability] = yield* Effect.flatMap(sql`${rows} WHERE id = ${id}`, leaveOut(Row.decodeAvailability))
      return availability ?? (yield* new UnknownAvailability({ availabilityId: id }))
    }, reading("availability")),

    release: Effect.fn("Reservations.release")(function* (id: AvailabilityId, bytes: bigint) {
      yield* checkBytes(bytes)
      const found = sql`SELECT ${sql.literal(Row.freeColumns)} FROM space_availability WHERE id = ${id}`
      const [row] = yield* Effect.flatMap(found, Row.decodeFree)
      if (row === undefined) return yield* new UnknownAvailability({ availabilityId: id })
      const { freeBytes, totalBytes } = row
      if (bytes > freeBytes) return yield* new OverRelease({ availabilityId: id, askedBytes: bytes, freeBytes })
      if (bytes === totalBytes) yield* sql`DELETE FROM space_availability WHERE id = ${id}`
      else {
        const rest = sql.update({ free_bytes: freeBytes - bytes, total_bytes: totalBytes - bytes })
        yield* sql`UPDATE space_availability SET ${rest} WHERE id = ${id}`
      }
    }, writing("release")),
  }
}

const reserving = (records: Records) => {
  const { leaveOut, sql, writing } = records
  const { bestFit, survey } = makeFit(records)
  const rows = sql`SELECT ${sql.literal(Row.reservationColumns)} FROM space_volume WHERE availability_id IS NOT NULL`
  return {
    reserve: Effect.fn("Reservations.reserve")(function* (slot: SlotDemand) {
      const { sizeBytes, slotId } = slot
      const { isSlot, volume } = yield* records.entry(slotId)
      if (isSlot || Booking.hasData(volume)) return yield* new AlreadyReserved({ slotId })
      const sound = checkDemand(slot)
      if (Result.isFailure(sound)) return yield* new NoMatch({ slotId, reasons: [sound.failure] })
      const { best, unreadable } = yield* bestFit(slot)
      if (best === undefined) {
        return yield* new NoMatch({ slotId, reasons: reasons(yield* survey(slot), slot, unreadable) })
      }
      const reservation = new Reservation({ ...slot, availabilityId: best.id, writtenBytes: 0n })
      yield* sql`UPDATE space_availability SET free_bytes = free_bytes - ${sizeBytes} WHERE id = ${best.id}`
      yield* sql`INSERT INTO space_volume ${sql.insert(Row.reservationRecord(reservation))}
        ON CONFLICT (name) DO UPDATE SET held_bytes = excluded.held_bytes, availability_id = excluded.availability_id,
          market = excluded.market, request_id = excluded.request_id, slot_index = excluded.slot_index, end_seconds = excluded.end_seconds,
          cached_place = NULL`
      return reservation
    }, writing("reserve")),

    reservation: Effect.fn("Reservations.reservation")(function* (slotId: SlotId) {
      const [reservation] = yield* Effect.flatMap(sql`${rows} AND name = ${slotId}`, leaveOut(Row.decodeReservation))
      return Option.fromNullishOr(reservation)
    }, reading("reservation")),

    reservations: Effect.flatMap(rows, leaveOut(Row.decodeReservation)).pipe(reading("reservations")),
  }
}

const booking = (records: Records) => {
  const { book, sql, writing } = records
  return {
    hold: Effect.fn("Reservations.hold")(function* (name: string, bytes: bigint) {
      yield* checkBytes(bytes)
      const { leftBytes } = yield* records.space
      yield* book(name, (entry) => Booking.hold(entry, bytes, leftBytes))
    }, writing("hold")),

    write: Effect.fn("Reservations.write")(function* (name: string, bytes: bigint) {
      yield* checkBytes(bytes)
      yield* book(name, (entry) => Booking.write(entry, bytes))
    }, writing("write")),

    writeMetadata: Effect.fn("Reservations.writeMetadata")(function* (name: string, bytes: bigint) {
      yield* checkBytes(bytes)
      const { metadataLeftBytes } = yield* records.space
      yield* book(name, (entry) => Booking.writeMetadata(entry, bytes, metadataLeftBytes))
    }, writing("writeMetadata")),

    trim: Effect.fn("Reservations.trim")(function* (name: string) {
      yield* book(name, (entry) => Result.succeed(Booking.trim(entry)))
    }, writing("trim")),

    cache: Effect.fn("Reservations.cache")(function* (name: string) {
      const cached = Booking.cache(yield* records.entry(name))
      if (Result.isFailure(cached)) return yield* Effect.die(cached.failure)
      yield* records.letGo(cached.success)
    }, writing("cache")),

    keep: Effect.fn("Reservations.keep")(function* (name: string) {
      yield* records.letGo({ ...(yield* records.entry(name)), isCached: false })
    }, writing("keep")),

    rename: Effect.fn("Reservations.rename")(function* (from: string, to: string) {
      if (from === to) return
      const renamed = Booking.rename(yield* records.entry(from), yield* records.entry(to))
      if (Result.isFailure(renamed)) return yield* Effect.die(renamed.failure)
      yield* sql`DELETE FROM space_volume WHERE name = ${from}`
      yield* records.letGo(renamed.success)
    }, writing("rename")),

    settle: Effect.fn("Reservations.settle")(function* (name: string, found: Booking.Found) {
      yield* checkBytes(found.dataBytes, found.metadataBytes)
      yield* book(name, (entry) => Booking.settle(entry, found))
    }, writing("settle")),

    giveBack: Effect.fn("Reservations.giveBack")(function* (name: string) {
      const { availabilityId, volume } = yield* records.entry(name)
      const bytes = volume.heldBytes + volume.writtenBytes
      yield* sql`UPDATE space_availability SET free_bytes = free_bytes + ${bytes} WHERE id = ${availabilityId}`
      yield* sql`DELETE FROM space_volume WHERE name = ${name}`
    }, writing("giveBack")),
  }
}

const reporting = ({ cached, space, volumes }: Records) => ({
  volumes: volumes.pipe(reading("volumes")),
  cached: cached.pipe(reading("cached")),
  space: space.pipe(reading("space")),
})
