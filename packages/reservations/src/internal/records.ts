import { Effect, Predicate, Result, Schema } from "effect"
import { Migrator, SqlClient, SqlError } from "effect/sql"
import type { ReservationsOptions } from "../Reservations.ts"
import { ReservationsError } from "../ReservationsError.ts"
import { Space } from "../Space.ts"
import { Volume } from "../Volume.ts"
import * as Row from "./rows.ts"
import * as Booking from "./volume.ts"

type Broken = SqlError.SqlError | Schema.SchemaError | Migrator.MigrationError

const isAnswer = <E>(error: E): error is Exclude<E, Broken> =>
  !(SqlError.isSqlError(error) || Schema.isSchemaError(error) || error instanceof Migrator.MigrationError)

/** Turns what the database said into the ledger's own error, and reads integers whole. */
export const reading =
  (operation: string) =>
  <A, E>(self: Effect.Effect<A, E>): Effect.Effect<A, Exclude<E, Broken> | ReservationsError> =>
    self.pipe(
      Effect.mapError((error) => (isAnswer(error) ? error : new ReservationsError({ operation, cause: error }))),
      Effect.provideService(SqlClient.SafeIntegers, true),
    )

export type Records = ReturnType<typeof makeRecords>

/** What the members of the ledger have in common in SQL. */
export const makeRecords = (sql: SqlClient.SqlClient, quota: Required<ReservationsOptions>) => {
  const writing =
    (operation: string) =>
    <A, E>(self: Effect.Effect<A, E>): Effect.Effect<A, Exclude<E, Broken> | ReservationsError> =>
      reading(operation)(sql.withTransaction(self))

  const volumeRows = sql`SELECT ${sql.literal(Row.volumeColumns)} FROM space_volume`

  const entry = Effect.fnUntraced(function* (name: string) {
    const [row] = yield* Effect.flatMap(sql`${volumeRows} WHERE name = ${name}`, Row.decodeVolumes)
    const availabilityId = row?.availabilityId ?? null
    const isCached = (row?.cachedPlace ?? null) !== null
    return {
      volume: row ? new Volume(row) : Booking.empty(name),
      isSlot: availabilityId !== null,
      isCached,
      availabilityId,
    }
  })

  const put = (entry: Booking.Entry) => {
    const { heldBytes, metadataBytes, name, writtenBytes } = entry.volume
    if (Booking.isEmpty(entry)) return sql`DELETE FROM space_volume WHERE name = ${name}`
    return sql`
      INSERT INTO space_volume (name, held_bytes, written_bytes, metadata_bytes)
      VALUES (${name}, ${heldBytes}, ${writtenBytes}, ${metadataBytes})
      ON CONFLICT (name) DO UPDATE SET held_bytes = excluded.held_bytes,
        written_bytes = excluded.written_bytes, metadata_bytes = excluded.metadata_bytes`
  }

  const letGo = Effect.fnUntraced(function* (entry: Booking.Entry) {
    yield* put(entry)
    const place = entry.isCached ? sql`(SELECT coalesce(max(cached_place), 0) + 1 FROM space_volume)` : sql`NULL`
    yield* sql`UPDATE space_volume SET cached_place = ${place} WHERE name = ${entry.volume.name}`
  })

  const book = Effect.fnUntraced(function* <E>(
    name: string,
    change: (entry: Booking.Entry) => Result.Result<Volume, E>,
  ) {
    const standing = yield* entry(name)
    const volume = yield* Effect.fromResult(change(standing))
    yield* put({ ...standing, volume })
  })

  const space = Effect.gen(function* () {
    const [total] = yield* Effect.flatMap(
      sql`SELECT ${sql.literal(Row.totalColumns)} FROM space_total`,
      Row.decodeTotals,
    )
    return new Space({
      ...quota,
      usedBytes: total.writtenBytes,
      reservedBytes: total.freeBytes + total.heldBytes,
      metadataUsedBytes: total.metadataBytes,
    })
  })

  const volumes = Effect.map(Effect.flatMap(volumeRows, Row.decodeVolumes), (rows) =>
    rows.map((row) => new Volume(row)),
  )

  const cached = Effect.map(
    Effect.flatMap(
      sql`SELECT name FROM space_volume WHERE cached_place IS NOT NULL ORDER BY cached_place`,
      Row.decodeNames,
    ),
    (rows) => rows.map(({ name }) => name),
  )

  return { sql, writing, entry, letGo, book, space, volumes, cached, leaveOut: makeLeaveOut() }
}

/** Rows that can be read. Each of the others is named in one warning, and does not take them along. */
const makeLeaveOut = () => {
  const reported = new Set<string>()
  const warn = (row: unknown, error: Schema.SchemaError) => {
    const name = nameOf(row)
    if (reported.has(name)) return Effect.void
    reported.add(name)
    return Effect.logWarning(`The record of space ${name} cannot be read and is left out: ${error.message}`)
  }
  return <A>(decode: (row: unknown) => Result.Result<A, Schema.SchemaError>) =>
    Effect.fnUntraced(function* (rows: ReadonlyArray<unknown>) {
      const read: Array<A> = []
      for (const row of rows) {
        const decoded = decode(row)
        if (Result.isSuccess(decoded)) read.push(decoded.success)
        else yield* warn(row, decoded.failure)
      }
      return read
    })
}

const nameOf = (row: unknown): string => {
  if (Predicate.hasProperty(row, "id")) return String(row.id)
  return Predicate.hasProperty(row, "slotId") ? String(row.slotId) : "without a name"
}
