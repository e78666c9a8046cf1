/** Rows of the tables, read with integers as bigint. */
import { RequestId, SlotId } from "@pecia/contracts-abi"
import { Schema, SchemaGetter } from "effect"
import { Availability, AvailabilityId } from "../Availability.ts"
import { Reservation, SlotMarket } from "../Reservation.ts"

/** An amount of tokens as 32 bytes, the highest first. For amounts from 0 to 2^256 - 1. */
export const amountBytes = (amount: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, index) => Number((amount >> BigInt(8 * (31 - index))) & 0xffn))

const amountOf = (column: typeof Schema.Uint8Array) =>
  column.pipe(
    Schema.decodeTo(Schema.BigInt, {
      decode: SchemaGetter.transform((bytes) => bytes.reduce((amount, byte) => (amount << 8n) | BigInt(byte), 0n)),
      encode: SchemaGetter.transform(amountBytes),
    }),
  )
const Amount = amountOf(
  Schema.Uint8Array.pipe(Schema.check(Schema.makeFilter((bytes) => bytes.length === 32 || "an amount has 32 bytes"))),
)
const Count = Schema.BigInt.pipe(Schema.check(Schema.isGreaterThanOrEqualToBigInt(0n)))
const Flag = Schema.Literals([0n, 1n]).pipe(
  Schema.decodeTo(Schema.Boolean, {
    decode: SchemaGetter.transform((flag) => flag === 1n),
    encode: SchemaGetter.transform((flag) => (flag ? 1n : 0n)),
  }),
)

export const availabilityColumns = `id, total_bytes AS "totalBytes", free_bytes AS "freeBytes",
  duration_seconds AS "durationSeconds", min_price AS "minPricePerBytePerSecond",
  total_collateral AS "totalCollateral", enabled, until_seconds AS "untilSeconds"`

const AvailabilityRow = Schema.Struct({
  id: AvailabilityId,
  totalBytes: Count,
  freeBytes: Count,
  durationSeconds: Count,
  minPricePerBytePerSecond: Amount,
  totalCollateral: Amount,
  enabled: Flag,
  untilSeconds: Count,
}).pipe(
  Schema.check(Schema.makeFilter((row) => row.freeBytes <= row.totalBytes || "more is free than there is")),
  Schema.decodeTo(Availability),
)
export const decodeAvailability = Schema.decodeUnknownResult(AvailabilityRow)

export const availabilityRecord = (availability: Availability) => ({
  id: availability.id,
  total_bytes: availability.totalBytes,
  free_bytes: availability.freeBytes,
  duration_seconds: availability.durationSeconds,
  min_price: amountBytes(availability.minPricePerBytePerSecond),
  total_collateral: amountBytes(availability.totalCollateral),
  enabled: availability.enabled,
  until_seconds: availability.untilSeconds,
})

export const reservationColumns = `name AS "slotId", market, request_id AS "requestId", slot_index AS "slotIndex",
  availability_id AS "availabilityId", held_bytes + written_bytes AS "sizeBytes", written_bytes AS "writtenBytes",
  end_seconds AS "endSeconds"`

const ReservationRow = Schema.Struct({
  market: SlotMarket,
  slotId: SlotId,
  requestId: RequestId,
  slotIndex: Amount,
  availabilityId: AvailabilityId,
  sizeBytes: Count,
  writtenBytes: Count,
  endSeconds: Count,
}).pipe(Schema.decodeTo(Reservation))
export const decodeReservation = Schema.decodeUnknownResult(ReservationRow)

/** A slot's volume; metadata that is booked already stays. */
export const reservationRecord = (reservation: Reservation) => ({
  name: reservation.slotId,
  held_bytes: reservation.sizeBytes - reservation.writtenBytes,
  written_bytes: reservation.writtenBytes,
  metadata_bytes: 0n,
  availability_id: reservation.availabilityId,
  market: reservation.market,
  request_id: reservation.requestId,
  slot_index: amountBytes(reservation.slotIndex),
  end_seconds: reservation.endSeconds,
})

export const volumeColumns = `name, held_bytes AS "heldBytes", written_bytes AS "writtenBytes",
  metadata_bytes AS "metadataBytes", availability_id AS "availabilityId", cached_place AS "cachedPlace"`

/** Read leniently: of a damaged row the name still counts, lest its blocks be taken for orphans. */
const VolumeRow = Schema.Struct({
  name: Schema.String,
  heldBytes: Schema.BigInt,
  writtenBytes: Schema.BigInt,
  metadataBytes: Schema.BigInt,
  availabilityId: Schema.NullOr(Schema.String),
  cachedPlace: Schema.NullOr(Schema.BigInt),
})
export const decodeVolumes = Schema.decodeUnknownEffect(Schema.Array(VolumeRow))

export const decodeNames = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ name: Schema.String })))

export const totalColumns = `free_bytes AS "freeBytes", held_bytes AS "heldBytes", written_bytes AS "writtenBytes",
  metadata_bytes AS "metadataBytes"`

const TotalRow = Schema.Struct({
  freeBytes: Schema.BigInt,
  heldBytes: Schema.BigInt,
  writtenBytes: Schema.BigInt,
  metadataBytes: Schema.BigInt,
})
export const decodeTotals = Schema.decodeUnknownEffect(Schema.NonEmptyArray(TotalRow))

export const freeColumns = `free_bytes AS "freeBytes", total_bytes AS "totalBytes"`

/** All that releasing needs, so that a damaged availability can be taken off the market. */
export const decodeFree = Schema.decodeUnknownEffect(
  Schema.Array(Schema.Struct({ freeBytes: Schema.BigInt, totalBytes: Schema.BigInt })),
)

/** Where in the index of fits a row stands. */
export const decodePositions = Schema.decodeUnknownEffect(
  Schema.Array(Schema.Struct({ freeBytes: Schema.BigInt, seq: Schema.BigInt })),
)

const nearest = Schema.NullOr(Schema.BigInt)
const nearestAmount = Schema.NullOr(amountOf(Schema.Uint8Array))

const SurveyRow = Schema.Struct({
  offered: Count,
  enabled: Count,
  size: Count,
  sizeNearest: nearest,
  duration: Count,
  durationNearest: nearest,
  price: Count,
  priceNearest: nearestAmount,
  collateral: Count,
  collateralNearest: nearestAmount,
  until: Count,
  untilNearest: nearest,
})
export const decodeSurvey = Schema.decodeUnknownEffect(Schema.NonEmptyArray(SurveyRow))
