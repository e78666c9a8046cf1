import { Effect } from "effect"
import { Migrator, SqlClient } from "effect/sql"

/** Numbers are INTEGERs to 2^63 - 1, amounts of tokens 32 bytes with the highest first, which sort like numbers. */
const tables = [
  `CREATE TABLE space_availability (
    seq INTEGER PRIMARY KEY, -- in the order in which they were offered
    id TEXT NOT NULL UNIQUE,
    total_bytes INTEGER NOT NULL,
    free_bytes INTEGER NOT NULL CHECK (free_bytes >= 0),
    duration_seconds INTEGER NOT NULL,
    min_price BLOB NOT NULL CHECK (length(min_price) = 32), -- per byte per second
    total_collateral BLOB NOT NULL CHECK (length(total_collateral) = 32),
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    until_seconds INTEGER NOT NULL
  ) STRICT`,
  // From the tightest fit upwards, with all that is compared, so that no row has to be looked up.
  `CREATE INDEX space_availability_fit ON space_availability
    (free_bytes, seq, duration_seconds, min_price, total_collateral, until_seconds) WHERE enabled = 1`,
  `CREATE TABLE space_volume (
    name TEXT PRIMARY KEY,
    held_bytes INTEGER NOT NULL CHECK (held_bytes >= 0),
    written_bytes INTEGER NOT NULL CHECK (written_bytes >= 0),
    metadata_bytes INTEGER NOT NULL CHECK (metadata_bytes >= 0),
    -- of a slot, whose id is the name:
    availability_id TEXT REFERENCES space_availability (id),
    request_id TEXT,
    slot_index BLOB,
    end_seconds INTEGER
  ) STRICT, WITHOUT ROWID`,
  `CREATE INDEX space_volume_availability ON space_volume (availability_id) WHERE availability_id IS NOT NULL`,
]

/** The sums over both tables, kept by the database itself in whatever transaction changes a row. */
const totals = [
  `CREATE TABLE space_total (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    free_bytes INTEGER NOT NULL,
    held_bytes INTEGER NOT NULL,
    written_bytes INTEGER NOT NULL,
    metadata_bytes INTEGER NOT NULL
  ) STRICT`,
  "INSERT INTO space_total VALUES (1, 0, 0, 0, 0)",
  ...keptTotals("space_availability", ["free_bytes"]),
  ...keptTotals("space_volume", ["held_bytes", "written_bytes", "metadata_bytes"]),
]

function keptTotals(table: string, columns: ReadonlyArray<string>): ReadonlyArray<string> {
  const set = (change: (column: string) => string) =>
    `BEGIN UPDATE space_total SET ${columns.map((column) => `${column} = ${column} ${change(column)}`).join(", ")}; END`
  return [
    `CREATE TRIGGER ${table}_inserted AFTER INSERT ON ${table} ${set((column) => `+ NEW.${column}`)}`,
    `CREATE TRIGGER ${table}_deleted AFTER DELETE ON ${table} ${set((column) => `- OLD.${column}`)}`,
    `CREATE TRIGGER ${table}_updated AFTER UPDATE OF ${columns.join(", ")} ON ${table} ${set((column) => `- OLD.${column} + NEW.${column}`)}`,
  ]
}

/** Which market a slot is from; all that were sold before there was a second one are from the first. */
const markets = [
  "ALTER TABLE space_volume ADD COLUMN market TEXT", // of a slot
  "UPDATE space_volume SET market = 'Marketplace' WHERE availability_id IS NOT NULL",
]

/** Volumes that may go when their space is needed, by the order in which they were let go of; of those that are kept, nothing. */
const cached = [
  "ALTER TABLE space_volume ADD COLUMN cached_place INTEGER",
  "CREATE INDEX space_volume_cached ON space_volume (cached_place) WHERE cached_place IS NOT NULL",
]

const run = (statements: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    for (const statement of statements) yield* sql.unsafe(statement)
  })

export const migrate = Migrator.make({})({
  table: "space_migrations",
  loader: Migrator.fromRecord({
    "0001_space": run([...tables, ...totals]),
    "0002_market": run(markets),
    "0003_cached": run(cached),
  }),
})

/** Sets the totals to the sums of the rows, should they ever differ. What a damaged row counts below zero is left out. */
export const recount = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const summed = sql`
    SELECT (SELECT coalesce(sum(max(free_bytes, 0)), 0) FROM space_availability), coalesce(sum(max(held_bytes, 0)), 0),
      coalesce(sum(max(written_bytes, 0)), 0), coalesce(sum(max(metadata_bytes, 0)), 0) FROM space_volume`
  const changed = yield* sql`
    UPDATE space_total SET (free_bytes, held_bytes, written_bytes, metadata_bytes) = (${summed})
    WHERE (free_bytes, held_bytes, written_bytes, metadata_bytes) IS NOT (${summed}) RETURNING one`
  if (changed.length > 0)
    yield* Effect.logWarning("The totals of the record of space were wrong and have been counted anew.")
})
