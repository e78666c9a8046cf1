import { Effect, Option, Predicate, Result } from "effect"
import { Migrator, SqlClient } from "effect/sql"
import type { PurchaseJournal, PurchaseRecord } from "../PurchaseJournal.ts"
import { PurchaseJournalError } from "../PurchasingError.ts"
import { columns, decodeRecord, endNames, openNames, rowOf } from "./journalRow.ts"

const quoted = (names: ReadonlyArray<string>) => names.map((name) => `'${name}'`).join(", ")

const table = [
  `CREATE TABLE purchase (
    seq INTEGER PRIMARY KEY, -- in the order in which they were made
    id TEXT NOT NULL UNIQUE,
    request BLOB NOT NULL, -- ABI encoded
    ends_no_sooner INTEGER NOT NULL, -- unix seconds; dropped again below
    state TEXT NOT NULL CHECK (state IN (${quoted([...openNames, ...endNames])})),
    detail TEXT
  ) STRICT`,
  `CREATE INDEX purchase_open ON purchase (seq) WHERE state IN (${quoted(openNames)})`,
]

/** Has its own record of migrations, since others may keep their tables in the same database. */
const migrate = Migrator.make({})({
  table: "purchase_migrations",
  loader: Migrator.fromRecord({
    "0001_purchase": Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      for (const statement of table) yield* sql.unsafe(statement)
    }),
    "0002_no_bound": Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`ALTER TABLE purchase DROP COLUMN ends_no_sooner`
    }),
  }),
})

/** Names what failed, and reads integers whole. */
const as =
  (operation: string) =>
  <A, E>(self: Effect.Effect<A, E>): Effect.Effect<A, PurchaseJournalError> =>
    self.pipe(
      Effect.mapError((cause) => new PurchaseJournalError({ operation, cause })),
      Effect.provideService(SqlClient.SafeIntegers, true),
    )

export const makeSql = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* migrate.pipe(Effect.provideService(SqlClient.SqlClient, sql), as("start"))

  const rows = sql`SELECT ${sql.literal(columns)} FROM purchase`
  const readable = makeReadable()

  const journal: PurchaseJournal["Service"] = {
    save: Effect.fn("PurchaseJournal.save")(function* (record: PurchaseRecord) {
      yield* sql`INSERT INTO purchase ${sql.insert(rowOf(record))}
        ON CONFLICT (id) DO UPDATE SET request = excluded.request, state = excluded.state, detail = excluded.detail`
    }, as("save")),
    get: Effect.fn("PurchaseJournal.get")(function* (id) {
      const [record] = yield* Effect.flatMap(sql`${rows} WHERE id = ${id}`, readable)
      return Option.fromUndefinedOr(record)
    }, as("get")),
    all: Effect.flatMap(sql`${rows} ORDER BY seq`, readable).pipe(as("all")),
    open: Effect.flatMap(sql`${rows} WHERE state IN (${sql.literal(quoted(openNames))}) ORDER BY seq`, readable).pipe(
      as("open"),
    ),
  }
  return journal
})

/** The rows that can be read. Each of the others is named in one warning. */
const makeReadable = () => {
  const reported = new Set<string>()
  return Effect.fnUntraced(function* (rows: ReadonlyArray<unknown>) {
    const records: Array<PurchaseRecord> = []
    for (const row of rows) {
      const decoded = decodeRecord(row)
      if (Result.isSuccess(decoded)) {
        records.push(decoded.success)
        continue
      }
      const name = Predicate.hasProperty(row, "id") ? String(row.id) : "without an id"
      if (reported.has(name)) continue
      reported.add(name)
      yield* Effect.logWarning(`The record of purchase ${name} cannot be read and is left out: ${decoded.failure}`)
    }
    return records
  })
}
