import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { SqliteClient } from "@pecia/sql-sqlite"
import { Effect, Layer, Logger, Option } from "effect"
import { Migrator, SqlClient } from "effect/sql"
import { AuctionJournal, AuctionState } from "../src/index.ts"
import { folder } from "./folder.ts"
import { suite } from "./journalSuite.ts"
import { aCandidate, aRecord } from "./samples.ts"

const sqlite = SqliteClient.layer({ filename: ":memory:" })

suite("AuctionJournal.layerMemory", Layer.fresh(AuctionJournal.layerMemory))
suite("AuctionJournal.layerSql", Layer.fresh(AuctionJournal.layerSql.pipe(Layer.provide(sqlite))))

/** A journal on a file, for as long as the body runs, with the same database at hand. */
const opened = <A, E>(
  filename: string,
  body: (journal: AuctionJournal["Service"], sql: SqlClient.SqlClient) => Effect.Effect<A, E>,
) =>
  Effect.gen(function* () {
    return yield* body(yield* AuctionJournal, yield* SqlClient.SqlClient)
  }).pipe(
    Effect.provide(
      Layer.fresh(
        AuctionJournal.layerSql.pipe(Layer.provideMerge(SqliteClient.layer({ filename, busyTimeout: "10 millis" }))),
      ),
    ),
  )

const file = Effect.map(folder, (path) => join(path, "auctions.sqlite"))

describe("a journal on a file", () => {
  it.effect("is as it was after it is closed and opened again", () =>
    Effect.gen(function* () {
      const filename = yield* file
      yield* opened(filename, (journal) => journal.save(aRecord(1), aRecord(2)))
      assert.deepStrictEqual(yield* opened(filename, (journal) => journal.all), [aRecord(1), aRecord(2)])
    }),
  )

  it.effect("saves all of several records or none", () =>
    Effect.gen(function* () {
      yield* opened(yield* file, (journal, sql) =>
        Effect.gen(function* () {
          yield* journal.save(aRecord(1))
          yield* sql`CREATE TRIGGER full BEFORE INSERT ON auction WHEN NEW.id = ${sql.literal(`'${aRecord(3).id}'`)}
            BEGIN SELECT RAISE(ABORT, 'disk full'); END`
          const started = aRecord(1, AuctionState.Open())
          const failure = yield* Effect.flip(journal.save(started, aRecord(2), aRecord(3)))
          assert.deepInclude(failure, { _tag: "AuctionJournalError", operation: "save" })
          assert.deepStrictEqual(yield* journal.all, [aRecord(1)])
        }),
      )
    }),
  )

  it.effect(
    "leaves out rows that cannot be read, names each once, and takes their place when they are saved anew",
    () =>
      Effect.gen(function* () {
        const logged: Array<string> = []
        const logger = Logger.make(({ message }) => void logged.push(String(message)))
        const started = AuctionState.Started(aCandidate(1))
        yield* opened(yield* file, (journal, sql) =>
          Effect.gen(function* () {
            yield* journal.save(...[1, 2, 4].map((number) => aRecord(number)), aRecord(3, started))
            yield* sql`UPDATE auction SET request = '{}' WHERE id = ${aRecord(1).id}`
            yield* sql`UPDATE auction SET request = (SELECT request FROM auction WHERE id = ${aRecord(4).id})
            WHERE id = ${aRecord(2).id}`
            yield* sql`UPDATE auction SET offer = NULL WHERE id = ${aRecord(3).id}`
            yield* sql`INSERT INTO auction (id, request, dataset, slot_index, opened_at, block, state, since)
            VALUES ('nonsense', '', '', 0, 0, 0, 'Pending', 0)`
            for (const list of [journal.all, journal.open, journal.all]) {
              assert.deepStrictEqual(yield* list, [aRecord(4)])
            }
            assert.deepStrictEqual(yield* journal.get(aRecord(1).id), Option.none())
            const named = [aRecord(1).id, aRecord(2).id, aRecord(3).id, "nonsense"]
            assert.strictEqual(logged.length, named.length)
            for (const name of named)
              assert.isTrue(logged.some((line) => line.includes(`The record of auction ${name} `)))
            yield* journal.save(aRecord(1, started))
            assert.deepStrictEqual((yield* journal.all)[0], aRecord(1, started))
          }),
        ).pipe(Effect.provide(Logger.layer([logger])))
      }),
  )

  it.effect("shares its database with the tables and migrations of others", () =>
    Effect.gen(function* () {
      const filename = yield* file
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

  it.effect("that is locked by another process fails with what is the matter, and works again afterwards", () =>
    Effect.gen(function* () {
      const filename = yield* file
      yield* opened(filename, (journal) =>
        Effect.gen(function* () {
          const failure = yield* opened(filename, (_, sql) =>
            sql.withTransaction(Effect.flip(journal.save(aRecord(1)))),
          )
          assert.deepInclude(failure, { _tag: "AuctionJournalError", operation: "save" })
          assert.isTrue(failure.isRetryable)
          assert.include(failure.message, "The journal of auctions could not be used (save).")
          yield* journal.save(aRecord(1))
          assert.deepStrictEqual(yield* journal.all, [aRecord(1)])
        }),
      )
    }),
  )

  it.effect("fails to open, with a typed error, on a database whose table is not its own", () =>
    Effect.gen(function* () {
      const filename = yield* file
      yield* Effect.flatMap(SqlClient.SqlClient, (sql) => sql`CREATE TABLE auction (a)`).pipe(
        Effect.provide(SqliteClient.layer({ filename })),
      )
      const failure = yield* Effect.flip(opened(filename, (journal) => journal.all))
      assert.deepInclude(failure, { _tag: "AuctionJournalError", operation: "start" })
    }),
  )
})
