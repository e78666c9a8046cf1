import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { SqliteClient } from "@pecia/sql-sqlite"
import { Effect, Exit, Layer, Logger, Option, Scope } from "effect"
import { SqlClient } from "effect/sql"
import { Reservations, type ReservationsOptions } from "../src/index.ts"
import { makeFit } from "../src/internal/fit.ts"
import { makeRecords } from "../src/internal/records.ts"
import { anOffer, aSlot, assertLaw, slotIdOf } from "../src/testing/internal/fixtures.ts"
import { folder } from "./folder.ts"

const options = { quotaBytes: 1000n, metadataQuotaBytes: 100n }

/** A ledger on a file, for as long as the body runs, with the same database at hand to damage it. */
const opened = <A, E>(
  filename: string,
  body: (ledger: Reservations["Service"], sql: SqlClient.SqlClient) => Effect.Effect<A, E>,
  quotas: ReservationsOptions = options,
) =>
  Effect.gen(function* () {
    return yield* body(yield* Reservations, yield* SqlClient.SqlClient)
  }).pipe(
    Effect.provide(
      Reservations.layerSql(quotas).pipe(
        Layer.provideMerge(SqliteClient.layer({ filename, busyTimeout: "10 millis" })),
      ),
    ),
  )

const ledgerTest = <E>(
  sentence: string,
  body: (ledger: Reservations["Service"], sql: SqlClient.SqlClient) => Effect.Effect<void, E>,
) => it.effect(sentence, () => opened(":memory:", body))

describe("a ledger on a file", () => {
  it.effect("is as it was after it is closed and opened again", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "ledger.sqlite")
      const everything = (ledger: Reservations["Service"]) =>
        Effect.all([ledger.availabilities, ledger.reservations, ledger.volumes, ledger.space])
      const before = yield* opened(filename, (ledger) =>
        Effect.gen(function* () {
          yield* ledger.offer(anOffer({ totalBytes: 250n, minPricePerBytePerSecond: 1n }))
          yield* ledger.reserve(aSlot(1, { slotIndex: 2n ** 64n - 1n }))
          yield* ledger.write(slotIdOf(1), 70n)
          yield* ledger.writeMetadata("manifest", 11n)
          yield* ledger.hold("upload", 30n)
          return yield* everything(ledger)
        }),
      )
      assert.deepStrictEqual(yield* opened(filename, everything), before)
    }),
  )

  it.effect(
    "takes nothing away when the quota was lowered, but offers and holds nothing more until enough came back",
    () =>
      Effect.gen(function* () {
        const filename = join(yield* folder, "ledger.sqlite")
        yield* opened(filename, (ledger) =>
          Effect.gen(function* () {
            yield* ledger.offer(anOffer({ totalBytes: 500n }))
            yield* ledger.reserve(aSlot(1))
            yield* ledger.writeMetadata("manifest", 50n)
          }),
        )
        const lowered = (ledger: Reservations["Service"]) =>
          Effect.gen(function* () {
            assert.deepInclude(yield* ledger.space, { quotaBytes: 300n, reservedBytes: 500n, usedBytes: 0n })
            assert.deepInclude(yield* Effect.flip(ledger.hold("upload", 1n)), { _tag: "OverQuota", leftBytes: 0n })
            assert.deepInclude(yield* Effect.flip(ledger.offer(anOffer({ totalBytes: 1n }))), { leftBytes: 0n })
            assert.deepInclude(yield* Effect.flip(ledger.writeMetadata("manifest", 1n)), { leftBytes: 0n })
            yield* ledger.write(slotIdOf(1), 100n)
            const [availability] = yield* ledger.availabilities
            if (availability === undefined) return assert.fail("the availability is gone")
            yield* ledger.release(availability.id, 201n)
            yield* ledger.hold("upload", 1n)
            yield* assertLaw(ledger)
          })
        yield* opened(filename, lowered, { quotaBytes: 300n, metadataQuotaBytes: 10n })
      }),
  )

  it.effect("counts its totals anew when they are wrong", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "ledger.sqlite")
      yield* opened(filename, (ledger, sql) =>
        Effect.gen(function* () {
          yield* ledger.offer(anOffer({ totalBytes: 500n }))
          yield* sql`UPDATE space_total SET free_bytes = 3, metadata_bytes = 77`
        }),
      )
      const warned = yield* warnings(opened(filename, assertLaw))
      assert.match(warned.join(), /counted anew/)
      assert.deepStrictEqual(yield* warnings(opened(filename, assertLaw)), [])
    }),
  )

  it.effect("a lock held by somebody else is an error that may be retried, and nothing has changed", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "ledger.sqlite")
      yield* opened(filename, (ledger) =>
        Effect.gen(function* () {
          yield* ledger.offer(anOffer())
          const scope = yield* Scope.make()
          const other = yield* Layer.buildWithScope(SqliteClient.layer({ filename }), scope)
          const locked = Effect.gen(function* () {
            const error = yield* Effect.flip(ledger.reserve(aSlot(1)))
            assert.deepInclude(error, { _tag: "ReservationsError", operation: "reserve" })
            assert.isTrue(error._tag === "ReservationsError" && error.isRetryable)
            assert.match(error.message, /could not be used \(reserve\).*locked/)
            assert.strictEqual((yield* ledger.space).reservedBytes, 100n)
          })
          yield* Effect.flatMap(SqlClient.SqlClient, (sql) => sql.withTransaction(locked)).pipe(Effect.provide(other))
          yield* Scope.close(scope, Exit.void)
          yield* ledger.reserve(aSlot(1))
          yield* assertLaw(ledger)
        }),
      )
    }),
  )

  it.effect("two ledgers on one file never sell the same bytes", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "ledger.sqlite")
      yield* opened(filename, (one) =>
        opened(filename, (two) =>
          Effect.gen(function* () {
            yield* one.offer(anOffer({ totalBytes: 500n }))
            const attempts = Array.from({ length: 10 }, (_, n) => Effect.exit((n % 2 ? one : two).reserve(aSlot(n))))
            const exits = yield* Effect.all(attempts, { concurrency: "unbounded" })
            assert.lengthOf(exits.filter(Exit.isSuccess), 5)
            yield* assertLaw(two)
          }),
        ),
      )
    }),
  )

  it.effect("says what is wrong when the database cannot be its own", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "ledger.sqlite")
      const foreign = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`CREATE TABLE space_volume (id INTEGER)`)
      yield* Effect.provide(foreign, SqliteClient.layer({ filename }))
      const error = yield* Effect.flip(opened(filename, () => Effect.void))
      assert.deepInclude(error, { _tag: "ReservationsError", operation: "start" })
      assert.match(error.message, /Migration/)
      const left = Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`SELECT name FROM sqlite_schema WHERE type = 'table'`.values,
      )
      assert.deepStrictEqual(yield* Effect.provide(left, SqliteClient.layer({ filename })), [["space_volume"]])
    }),
  )
})

describe("a failed save", () => {
  const failing = (table: string, event: string) =>
    `CREATE TRIGGER failing BEFORE ${event} ON ${table} BEGIN SELECT RAISE(ABORT, 'no space left on device'); END`

  for (const [member, table, event] of [
    ["offer", "space_availability", "INSERT"],
    ["release", "space_availability", "DELETE"],
    ["reserve", "space_volume", "INSERT"],
    ["giveBack", "space_volume", "DELETE"],
    ["hold", "space_total", "UPDATE"],
  ] as const) {
    ledgerTest(`in ${member} leaves every count as it was`, (ledger, sql) =>
      Effect.gen(function* () {
        const { id } = yield* ledger.offer(anOffer({ totalBytes: 100n }))
        yield* ledger.offer(anOffer({ totalBytes: 100n }))
        yield* ledger.reserve(aSlot(1))
        const everything = Effect.all([ledger.availabilities, ledger.reservations, ledger.volumes, ledger.space])
        const before = yield* everything
        yield* sql.unsafe(failing(table, event))
        const act: Record<
          typeof member,
          Effect.Effect<unknown, { readonly _tag: string; readonly message: string }>
        > = {
          offer: ledger.offer(anOffer()),
          release: Effect.flatMap(ledger.availabilities, ([, second]) => ledger.release(second?.id ?? id, 100n)),
          reserve: ledger.reserve(aSlot(2)),
          giveBack: ledger.giveBack(slotIdOf(1)),
          hold: ledger.hold("upload", 10n),
        }
        const error = yield* Effect.flip(act[member])
        assert.strictEqual(error._tag, "ReservationsError")
        assert.match(error.message, /no space left on device/)
        assert.deepStrictEqual(yield* everything, before)
        yield* sql`DROP TRIGGER failing`
        yield* act[member]
        yield* assertLaw(ledger)
      }),
    )
  }
})

describe("a damaged row", () => {
  /** Past the database's own checks, as a fault of the disk would. */
  const damage = (sql: SqlClient.SqlClient, statement: string) =>
    Effect.all([
      sql`PRAGMA ignore_check_constraints = ON`,
      sql.unsafe(statement),
      sql`PRAGMA ignore_check_constraints = OFF`,
    ])

  for (const set of [
    "min_price = x'00'",
    "total_collateral = zeroblob(33)",
    "enabled = 7",
    "until_seconds = -1",
    "duration_seconds = -5",
    "total_bytes = 1",
    "id = 'damaged'",
  ]) {
    it.effect(`of an availability (${set}) is left out with one warning, and the others go on`, () =>
      opened(":memory:", (ledger, sql) =>
        Effect.gen(function* () {
          const bad = yield* ledger.offer(anOffer({ totalBytes: 100n }))
          const good = yield* ledger.offer(anOffer({ totalBytes: 200n }))
          yield* damage(sql, `UPDATE space_availability SET ${set} WHERE seq = 1`)
          const warned = yield* warnings(
            Effect.gen(function* () {
              assert.deepStrictEqual(yield* ledger.availabilities, [good])
              assert.deepStrictEqual(yield* ledger.availabilities, [good])
              assert.strictEqual((yield* Effect.flip(ledger.availability(bad.id)))._tag, "UnknownAvailability")
              assert.strictEqual((yield* ledger.reserve(aSlot(1))).availabilityId, good.id)
            }),
          )
          assert.lengthOf(warned, 1)
          assert.include(warned.join(), set.startsWith("id") ? "damaged" : bad.id)
          assert.strictEqual((yield* ledger.space).reservedBytes, 300n, "its bytes stay counted")
        }),
      ),
    )
  }

  ledgerTest("that would have suited is named as the reason", (ledger, sql) =>
    Effect.gen(function* () {
      yield* ledger.offer(anOffer())
      yield* damage(sql, "UPDATE space_availability SET min_price = x'00'")
      const error = yield* Effect.flip(ledger.reserve(aSlot(1)))
      assert.deepInclude(error, { _tag: "NoMatch", reasons: ["1 of 1: damaged records, named in the log"] })
    }),
  )

  ledgerTest("of an availability can be released", (ledger, sql) =>
    Effect.gen(function* () {
      const { id } = yield* ledger.offer(anOffer())
      yield* damage(sql, "UPDATE space_availability SET min_price = x'00'")
      yield* ledger.release(id, 100n)
      yield* assertLaw(ledger)
      assert.strictEqual((yield* ledger.space).reservedBytes, 0n)
    }),
  )

  ledgerTest("of a reservation is left out, but its volume is known and can be given back", (ledger, sql) =>
    Effect.gen(function* () {
      yield* ledger.offer(anOffer({ totalBytes: 200n }))
      yield* ledger.reserve(aSlot(1))
      const second = yield* ledger.reserve(aSlot(2))
      yield* damage(sql, `UPDATE space_volume SET request_id = 'x' WHERE name = '${slotIdOf(1)}'`)
      assert.deepStrictEqual(yield* ledger.reservations, [second])
      assert.deepStrictEqual(yield* ledger.reservation(slotIdOf(1)), Option.none())
      assert.lengthOf(yield* ledger.volumes, 2)
      assert.strictEqual((yield* Effect.flip(ledger.reserve(aSlot(1))))._tag, "AlreadyReserved")
      yield* ledger.giveBack(slotIdOf(1))
      yield* ledger.reserve(aSlot(1))
      yield* assertLaw(ledger)
    }),
  )

  it.effect("does not keep a ledger from starting", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "ledger.sqlite")
      yield* opened(filename, (ledger, sql) =>
        Effect.gen(function* () {
          yield* ledger.offer(anOffer({ totalBytes: 100n }))
          yield* ledger.offer(anOffer({ totalBytes: 200n }))
          yield* ledger.hold("upload", 50n)
          yield* damage(sql, "UPDATE space_availability SET free_bytes = -5 WHERE seq = 1")
          yield* damage(sql, "UPDATE space_volume SET held_bytes = -1")
        }),
      )
      yield* opened(filename, (ledger) =>
        Effect.gen(function* () {
          assert.lengthOf(yield* ledger.availabilities, 1)
          assert.strictEqual((yield* ledger.space).reservedBytes, 200n)
          yield* ledger.reserve(aSlot(1))
          yield* ledger.giveBack("upload")
        }),
      )
    }),
  )
})

describe("the search for a fit", () => {
  ledgerTest("walks the index of fits alone and sorts nothing, however many availabilities there are", (ledger, sql) =>
    Effect.gen(function* () {
      yield* ledger.offer(anOffer())
      const { candidate } = makeFit(makeRecords(sql, options))
      const plan = yield* sql`EXPLAIN QUERY PLAN ${candidate(aSlot(1), { freeBytes: 100n, seq: 0n })}`
      assert.deepStrictEqual(
        plan.map((step) => step.detail),
        ["SEARCH space_availability USING INDEX space_availability_fit (free_bytes>?)"],
      )
    }),
  )
})

/** The warnings that the effect logs. */
const warnings = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<ReadonlyArray<string>, E, R> =>
  Effect.suspend(() => {
    const warned: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => {
      if (logLevel === "Warn") warned.push(String(message))
    })
    return Effect.as(self, warned).pipe(Effect.provide(Logger.layer([logger])))
  })
