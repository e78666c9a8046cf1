import { Effect, Option, Predicate, Result } from "effect"
import { Migrator, SqlClient } from "effect/sql"
import type { AuctionJournal, AuctionRecord } from "../AuctionJournal.ts"
import { AuctionJournalError } from "../AuctionsError.ts"
import { columns, decodeRecord, endNames, openNames, rowOf } from "./journalRow.ts"

const quoted = (names: ReadonlyArray<string>) => names.map((name) => `'${name}'`).join(", ")

const table = [
  `CREATE TABLE auction (
    seq INTEGER PRIMARY KEY, -- in the order in which they were opened
    id TEXT NOT NULL UNIQUE,
    request TEXT NOT NULL, -- JSON
    dataset TEXT NOT NULL,
    slot_index INTEGER NOT NULL,
    opened_at INTEGER NOT NULL, -- unix seconds
    block INTEGER NOT NULL, -- no offer is in an earlier one
    state TEXT NOT NULL CHECK (state IN (${quoted([...openNames, ...endNames])})),
    since INTEGER NOT NULL, -- unix seconds
    offer TEXT, -- JSON: the one that was selected
    detail TEXT
  ) STRICT`,
  `CREATE INDEX auction_open ON auction (seq) WHERE state IN (${quoted(openNames)})`,
]

/** Has its own record of migrations, since others may keep their tables in the same database. */
const migrate = Migrator.make({})({
  table: "auction_migrations",
  loader: Migrator.fromRecord({
    "0001_auction": Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      for (const statement of table) yield* sql.unsafe(statement)
    }),
  }),
})

/** Names what failed, and reads integers whole. */
const as =
  (operation: string) =>
  <A, E>(self: Effect.Effect<A, E>): Effect.Effect<A, AuctionJournalError> =>
    self.pipe(
      Effect.mapError((cause) => new AuctionJournalError({ operation, cause })),
      Effect.provideService(SqlClient.SafeIntegers, true),
    )

export const makeSql = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* migrate.pipe(Effect.provideService(SqlClient.SqlClient, sql), as("start"))

  const rows = sql`SELECT ${sql.literal(columns)} FROM auction`
  const readable = makeReadable()
  const put = (record: AuctionRecord) =>
    sql`INSERT INTO auction ${sql.insert(rowOf(record))} ON CONFLICT (id) DO UPDATE SET request = excluded.request,
      dataset = excluded.dataset, slot_index = excluded.slot_index, opened_at = excluded.opened_at, block = excluded.block,
      state = excluded.state, since = excluded.since, offer = excluded.offer, detail = excluded.detail`

  const journal: AuctionJournal["Service"] = {
    save: Effect.fn("AuctionJournal.save")(function* (...records: ReadonlyArray<AuctionRecord>) {
      yield* sql.withTransaction(Effect.forEach(records, put, { discard: true }))
    }, as("save")),
    get: Effect.fn("AuctionJournal.get")(function* (id) {
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
    const records: Array<AuctionRecord> = []
    for (const row of rows) {
      const decoded = decodeRecord(row)
      if (Result.isSuccess(decoded)) {
        records.push(decoded.success)
        continue
      }
      const name = Predicate.hasProperty(row, "id") ? String(row.id) : "without an id"
      if (reported.has(name)) continue
      reported.add(name)
      yield* Effect.logWarning(`The record of auction ${name} cannot be read and is left out: ${decoded.failure}`)
    }
    return records
  })
}
