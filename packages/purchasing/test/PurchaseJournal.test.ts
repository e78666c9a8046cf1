import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { StorageRequest } from "@pecia/contracts-abi"
import { SqliteClient } from "@pecia/sql-sqlite"
import { Effect, Layer, Logger, Option } from "effect"
import { Migrator, SqlClient } from "effect/sql"
import { PurchaseJournal, PurchaseOutcome, PurchaseState, purchaseError, purchaseName } from "../src/index.ts"
import { folder } from "./folder.ts"
import { aRecord, suite } from "./journalSuite.ts"

const sqlite = SqliteClient.layer({ filename: ":memory:" })

suite("PurchaseJournal.layerMemory", Layer.fresh(PurchaseJournal.layerMemory))
suite("PurchaseJournal.layerSql", Layer.fresh(PurchaseJournal.layerSql.pipe(Layer.provide(sqlite))))

/** A journal on a file, for as long as the body runs, with the same database at hand. */
const opened = <A, E>(
  filename: string,
  body: (journal: PurchaseJournal["Service"], sql: SqlClient.SqlClient) => Effect.Effect<A, E>,
) =>
  Effect.gen(function* () {
    return yield* body(yield* PurchaseJournal, yield* SqlClient.SqlClient)
  }).pipe(
    Effect.provide(
      Layer.fresh(
        PurchaseJournal.layerSql.pipe(Layer.provideMerge(SqliteClient.layer({ filename, busyTimeout: "10 millis" }))),
      ),
    ),
  )

describe("a journal on a file", () => {
  it.effect("is as it was after it is closed and opened again", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "purchases.sqlite")
      yield* opened(filename, (journal) => Effect.andThen(journal.save(aRecord(1)), journal.save(aRecord(2))))
      assert.deepStrictEqual(yield* opened(filename, (journal) => journal.all), [aRecord(1), aRecord(2)])
    }),
  )

  it.effect(
    "leaves out rows that cannot be read, names each once, and takes their place when they are saved anew",
    () =>
      Effect.gen(function* () {
        const logged: Array<string> = []
        const logger = Logger.make(({ message }) => void logged.push(String(message)))
        const filename = join(yield* folder, "purchases.sqlite")
        yield* opened(filename, (journal, sql) =>
          Effect.gen(function* () {
            for (const number of [1, 2, 3, 4]) yield* journal.save(aRecord(number))
            yield* sql`UPDATE purchase SET request = x'00' WHERE id = ${aRecord(1).id}`
            yield* sql`UPDATE purchase SET request = (SELECT request FROM purchase WHERE id = ${aRecord(4).id})
            WHERE id = ${aRecord(2).id}`
            yield* sql`INSERT INTO purchase (id, request, state) VALUES ('nonsense', x'', 'Pending')`
            for (const list of [journal.all, journal.open, journal.all]) {
              assert.deepStrictEqual(yield* list, [aRecord(3), aRecord(4)])
            }
            assert.deepStrictEqual(yield* journal.get(aRecord(1).id), Option.none())
            assert.strictEqual(logged.length, 3)
            for (const [index, name] of [aRecord(1).id, aRecord(2).id, "nonsense"].entries()) {
              assert.include(logged[index], name)
            }
            yield* journal.save(aRecord(1, PurchaseState.Started()))
            assert.deepStrictEqual((yield* journal.all)[0], aRecord(1, PurchaseState.Started()))
          }),
        ).pipe(Effect.provide(Logger.layer([logger])))
      }),
  )

  it.effect("shares its database with the tables and migrations of others", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "node.sqlite")
      const others = Migrator.make({})({
        table: "space_migrations",
        loader: Migrator.fromRecord({ "0001_space": Effect.void, "0002_space": Effect.void }),
      })
      yield* Effect.provide(others, SqliteClient.layer({ filename }))
      yield* opened(filename, (journal) => journal.save(aRecord(1)))
      yield* Effect.provide(others, SqliteClient.layer({ filename }))
      assert.deepStrictEqual(yield* opened(filename, (journal) => journal.all), [aRecord(1)])
    }),
  )

  it.effect("of an earlier version is read, and written on", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "purchases.sqlite")
      const states = ["Pending", "Refunding", "Finished", "Cancelled", "Failed", "Errored"] as const
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`CREATE TABLE purchase_migrations (
          migration_id INTEGER PRIMARY KEY, created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, name TEXT NOT NULL)`
        yield* sql`INSERT INTO purchase_migrations (migration_id, name) VALUES (1, 'purchase')`
        yield* sql`CREATE TABLE purchase (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, request BLOB NOT NULL,
          ends_no_sooner INTEGER NOT NULL, state TEXT NOT NULL, detail TEXT) STRICT`
        yield* sql`CREATE INDEX purchase_open ON purchase (seq) WHERE state IN ('Pending', 'Submitted', 'Started', 'Refunding')`
        for (const [number, state] of states.entries()) {
          const { id, request } = aRecord(number)
          const detail = state === "Errored" ? "why" : null
          yield* sql`INSERT INTO purchase (id, request, ends_no_sooner, state, detail)
            VALUES (${id}, ${StorageRequest.encode(request)}, 7, ${state}, ${detail})`
        }
      }).pipe(Effect.provide(SqliteClient.layer({ filename })))
      const read = yield* opened(filename, (journal) =>
        Effect.andThen(journal.save(aRecord(0, PurchaseState.Started())), journal.all),
      )
      const ended = (outcome: PurchaseOutcome) => PurchaseState.Ended({ outcome })
      assert.deepStrictEqual(read, [
        aRecord(0, PurchaseState.Started()),
        aRecord(1, PurchaseState.Refunding({ request: "Cancelled" })),
        aRecord(2, ended(PurchaseOutcome.Finished({ rest: "Unknown" }))),
        aRecord(3, ended(PurchaseOutcome.Cancelled())),
        aRecord(4, ended(PurchaseOutcome.Failed({ rest: "Unknown" }))),
        aRecord(5, ended(PurchaseOutcome.Errored({ detail: "why" }))),
      ])
      // The contract of that version paid nothing back.
      const sentence = "The request failed, because too many of its slots were lost."
      assert.deepStrictEqual(
        read.filter(({ state }) => purchaseName(state) === "failed").map(({ state }) => purchaseError(state)),
        [Option.some(sentence)],
      )
    }),
  )

  it.effect("that is locked by another process fails with what is the matter, and works again afterwards", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "purchases.sqlite")
      yield* opened(filename, (journal) =>
        Effect.gen(function* () {
          const failure = yield* opened(filename, (_, sql) =>
            sql.withTransaction(Effect.flip(journal.save(aRecord(1)))),
          )
          assert.deepInclude(failure, { _tag: "PurchaseJournalError", operation: "save" })
          assert.isTrue(failure.isRetryable)
          assert.include(failure.message, "The journal of purchases could not be used (save).")
          yield* journal.save(aRecord(1))
          assert.deepStrictEqual(yield* journal.all, [aRecord(1)])
        }),
      )
    }),
  )

  it.effect("fails to open, with a typed error, on a database whose table is not its own", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "purchases.sqlite")
      yield* Effect.flatMap(SqlClient.SqlClient, (sql) => sql`CREATE TABLE purchase (a)`).pipe(
        Effect.provide(SqliteClient.layer({ filename })),
      )
      const failure = yield* Effect.flip(opened(filename, (journal) => journal.all))
      assert.deepInclude(failure, { _tag: "PurchaseJournalError", operation: "start" })
    }),
  )
})
