import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it, layer } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, Schema, Stream } from "effect"
import { Model } from "effect/schema"
import { Migrator, SqlClient, SqlModel, SqlSchema } from "effect/sql"
import { SqliteClient, UnstorableValue } from "../src/index.ts"
import { folder } from "./folder.ts"

const Migrations = Layer.effectDiscard(
  Migrator.make({})({
    loader: Migrator.fromRecord({
      "0001_users": Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, created_at TEXT NOT NULL)`
      }),
      "0002_numbers": Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`CREATE TABLE numbers (id INTEGER PRIMARY KEY, n INTEGER, data BLOB)`
      }),
    }),
  }),
)

const memory = Migrations.pipe(Layer.provideMerge(SqliteClient.layer({ filename: ":memory:" })))

class User extends Model.Class<User>("User")({
  id: Model.Field({ select: Schema.Int, update: Schema.Int, json: Schema.Int }),
  name: Schema.NonEmptyString,
  created_at: Model.DateTimeInsert,
}) {}

const safeIntegers = Effect.provideService(SqlClient.SafeIntegers, true)

layer(memory)("SqliteClient", (it) => {
  it.effect("runs migrations, repositories, schema queries and inserts", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const users = yield* SqlModel.makeRepository(User, { tableName: "users", spanPrefix: "User", idColumn: "id" })
      const ada = yield* Effect.flatMap(User.insert.makeEffect({ name: "ada" }), users.insert)
      assert.strictEqual(ada.id, 1)
      yield* sql`INSERT INTO users ${sql.insert({ name: "bob", created_at: "2026-01-01T00:00:00.000Z" })}`
      const named = SqlSchema.findAll({
        Request: Schema.Array(Schema.String),
        Result: User,
        execute: (names) => sql`SELECT * FROM users WHERE ${sql.in("name", names)} ORDER BY id`,
      })
      assert.deepStrictEqual(
        (yield* named(["bob", "ada"])).map((user) => user.name),
        ["ada", "bob"],
      )
    }),
  )

  it.effect("answers with values and with raw results", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      assert.deepStrictEqual(yield* sql`SELECT 1 AS a, 2 AS a`.values, [[1, 2]])
      assert.deepStrictEqual(yield* sql.unsafe("SELECT 3").values, [[3]])
      const changes = yield* sql`DELETE FROM numbers`.raw
      assert.deepInclude(changes, { changes: 0 })
    }),
  )

  it.effect("keeps integers whole up to 2^63 - 1 when they are read as bigint", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      for (const n of [0n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)]) {
        const rows = yield* sql`INSERT INTO numbers ${sql.insert({ n })} RETURNING n`
        assert.strictEqual(rows[0]?.n, n)
        const [streamed] = yield* Stream.runCollect(sql`SELECT n FROM numbers ORDER BY id DESC LIMIT 1`.stream)
        assert.strictEqual(streamed?.n, n)
      }
    }).pipe(safeIntegers),
  )

  it.effect("fails rather than round an integer that is read as a number", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const read = sql`SELECT 9007199254740993 AS n`
      const error = yield* Effect.flip(read)
      assert.match(error.message, /too large/)
      assert.deepStrictEqual((yield* safeIntegers(read))[0]?.n, 9007199254740993n)
    }),
  )

  it.effect("keeps bytes", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const data = Uint8Array.of(0, 255, 7)
      const rows = yield* sql`INSERT INTO numbers ${sql.insert({ data })} RETURNING data`
      assert.deepStrictEqual(rows[0]?.data, data)
    }),
  )

  it.effect("stores booleans as 1 and 0, and undefined as NULL", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const rows = yield* sql`SELECT ${true} AS yes, ${false} AS no`.values
      assert.deepStrictEqual(rows, [[1, 0]])
      yield* sql`INSERT INTO numbers ${sql.insert({ id: 1000, n: undefined })}`
      assert.deepStrictEqual(yield* sql`SELECT n FROM numbers WHERE id = 1000`.values, [[null]])
    }),
  )

  it.effect("refuses what SQLite would change, before anything is executed", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const before = yield* sql`SELECT count(*) FROM numbers`.values
      for (const [value, said] of [
        [2n ** 63n, /9223372036854775808 is outside the integers/],
        [2n ** 64n + 1n, /18446744073709551617 is outside the integers/],
        [-(2n ** 63n) - 1n, /outside the integers/],
        [Number.NaN, /NaN/],
        [new Date(0), /type object/],
      ] as const) {
        const error = yield* Effect.flip(sql`INSERT INTO numbers (id, n) VALUES (${null}, ${value})`)
        assert.instanceOf(error.reason.cause, UnstorableValue)
        assert.match(error.message, said)
        assert.match(error.message, /Parameter 2/)
        assert.isFalse(error.isRetryable)
        const streamed = yield* Effect.flip(Stream.runDrain(sql`SELECT ${null}, ${value}`.stream))
        assert.instanceOf(streamed.reason.cause, UnstorableValue)
      }
      assert.deepStrictEqual(yield* sql`SELECT count(*) FROM numbers`.values, before)
    }),
  )

  it.effect("refuses a second statement rather than forget it", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const error = yield* Effect.flip(sql`CREATE TABLE one (id INTEGER); CREATE TABLE two (id INTEGER)`)
      assert.match(error.message, /only one statement/)
      assert.deepStrictEqual(yield* sql`SELECT 1; -- a remark`.values, [[1]])
    }),
  )

  it.effect("reads what follows a statement in one go, however many remarks it is", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const remarks = "-- a; --; b ".repeat(1_000)
      assert.deepStrictEqual(yield* sql.unsafe(`SELECT 1; ${remarks}\n;\n${remarks}\r\n`).values, [[1]])
      const error = yield* Effect.flip(sql.unsafe(`SELECT 1; ${remarks}\nSELECT 2`))
      assert.match(error.message, /only one statement/)
    }),
  )

  it.effect("rolls a failed transaction back, and a nested one alone", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const inner = Effect.andThen(sql`INSERT INTO users (name, created_at) VALUES ('inner', '')`, Effect.fail("inner"))
      const outer = Effect.gen(function* () {
        yield* sql`INSERT INTO users (name, created_at) VALUES ('outer', '')`
        yield* Effect.exit(sql.withTransaction(inner))
        return yield* sql`SELECT name FROM users WHERE name IN ('inner', 'outer')`.values
      })
      const seen = yield* sql.withTransaction(Effect.flatMap(outer, Effect.fail)).pipe(Effect.flip)
      assert.deepStrictEqual(seen, [["outer"]])
      assert.deepStrictEqual(yield* sql`SELECT name FROM users WHERE name IN ('inner', 'outer')`.values, [])
      assert.deepStrictEqual(yield* sql.withTransaction(outer), [["outer"]])
    }),
  )

  it.effect("rolls a transaction back when its fiber is interrupted, and goes on serving", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const inserted = yield* Deferred.make<void>()
      const fiber = yield* sql`INSERT INTO users (name, created_at) VALUES ('half', '')`.pipe(
        Effect.andThen(Deferred.succeed(inserted, undefined)),
        Effect.andThen(Effect.never),
        sql.withTransaction,
        Effect.forkChild,
      )
      yield* Deferred.await(inserted)
      yield* Fiber.interrupt(fiber)
      const rows = sql`SELECT name FROM users WHERE name = 'half'`.values
      assert.deepStrictEqual(yield* sql.withTransaction(rows), [])
    }),
  )

  it.effect("lets one transaction in at a time", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`INSERT INTO numbers (id, n) VALUES (500, 0)`
      const increment = Effect.gen(function* () {
        const [row] = yield* sql`SELECT n FROM numbers WHERE id = 500`.values
        yield* Effect.yieldNow
        yield* sql`UPDATE numbers SET n = ${Number(row?.[0]) + 1} WHERE id = 500`
      })
      yield* Effect.all(
        Array.from({ length: 20 }, () => sql.withTransaction(increment)),
        { concurrency: "unbounded" },
      )
      assert.deepStrictEqual(yield* sql`SELECT n FROM numbers WHERE id = 500`.values, [[20]])
    }),
  )

  it.effect("tells a duplicate from other constraints", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`INSERT INTO users (name, created_at) VALUES ('eve', '')`
      const duplicate = yield* Effect.flip(sql`INSERT INTO users (name, created_at) VALUES ('eve', '')`)
      assert.deepInclude(duplicate.reason, { _tag: "UniqueViolation", constraint: "users.name" })
      const missing = yield* Effect.flip(sql`INSERT INTO users (name, created_at) VALUES ('eva', ${null})`)
      assert.strictEqual(missing.reason._tag, "ConstraintError")
    }),
  )

  it.effect("knows a table that is made after a statement on it failed", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const read = sql`SELECT count(*) FROM later`.values
      const error = yield* Effect.flip(read)
      assert.match(error.message, /SELECT count\(\*\) FROM later.*no such table: later/)
      yield* sql`CREATE TABLE later (id INTEGER)`
      assert.deepStrictEqual(yield* read, [[0]])
    }),
  )

  it.effect("goes on after more different statements than it keeps prepared", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const read = (n: number) => sql.unsafe(`SELECT ${n}`).pipe(Effect.map((rows) => rows.length))
      for (let n = 0; n < 600; n++) assert.strictEqual(yield* read(n % 300), 1)
    }),
  )

  it.effect("streams more rows than fit in a chunk", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      for (const count of [0, 1, 127, 128, 129, 1000]) {
        const series = sql<{ i: number }>`
          WITH RECURSIVE series (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM series) SELECT i FROM series LIMIT ${count}`
        const rows = yield* Stream.runCollect(series.stream)
        assert.deepStrictEqual(
          rows.map((row) => row.i),
          Array.from({ length: count }, (_, i) => i + 1),
        )
      }
    }),
  )

  it.effect("fails the stream when a row cannot be read", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const error = yield* Effect.flip(Stream.runDrain(sql`SELECT 9007199254740993`.stream))
      assert.strictEqual(error._tag, "SqlError")
    }),
  )
})

describe("a database on disk", () => {
  const open = (filename: string) =>
    Effect.map(Layer.build(SqliteClient.layer({ filename })), (context) => Layer.succeedContext(context))

  it.effect("is one file again after the scope closes, also when a stream was left early", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const use = Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`CREATE TABLE numbers (n INTEGER)`
        for (let n = 0; n < 300; n++) yield* sql`INSERT INTO numbers VALUES (${n})`
        const few = yield* Stream.runCollect(sql`SELECT n FROM numbers`.stream.pipe(Stream.take(2)))
        assert.lengthOf(few, 2)
        assert.include(yield* Effect.promise(() => readdir(path)), "one.sqlite-wal")
      })
      yield* Effect.scoped(Effect.flatMap(open(join(path, "one.sqlite")), (live) => Effect.provide(use, live)))
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(path)), ["one.sqlite"])
    }),
  )

  it.effect("does not keep a snapshot for a stream that was left early, so that its log can be emptied", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const live = yield* open(join(path, "log.sqlite"))
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`CREATE TABLE numbers (n INTEGER)`
        for (let n = 0; n < 300; n++) yield* sql`INSERT INTO numbers VALUES (${n})`
        yield* Stream.runDrain(sql`SELECT n FROM numbers`.stream.pipe(Stream.take(2)))
        yield* sql`INSERT INTO numbers VALUES (1)`
        // busy, pages in the log, pages moved to the database
        const [checkpoint] = yield* sql`PRAGMA wal_checkpoint(TRUNCATE)`.values
        assert.deepStrictEqual(checkpoint, [0, 0, 0])
      }).pipe(Effect.provide(live))
    }),
  )

  it.effect("keeps what was committed, and nothing of what was not", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "kept.sqlite")
      const write = Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`CREATE TABLE numbers (n INTEGER)`
        yield* sql`INSERT INTO numbers VALUES (1)`
        return yield* sql.withTransaction(Effect.andThen(sql`INSERT INTO numbers VALUES (2)`, Effect.die("crash")))
      })
      const exit = yield* Effect.exit(Effect.provide(write, SqliteClient.layer({ filename })))
      assert.isTrue(Exit.hasDies(exit))
      const read = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT n FROM numbers`.values)
      assert.deepStrictEqual(yield* Effect.provide(read, SqliteClient.layer({ filename, readonly: true })), [[1]])
    }),
  )

  it.effect("refuses to write through a client that only reads", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "readonly.sqlite")
      const create = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`CREATE TABLE numbers (n INTEGER)`)
      yield* Effect.provide(create, SqliteClient.layer({ filename }))
      const write = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`INSERT INTO numbers VALUES (1)`)
      const error = yield* Effect.flip(Effect.provide(write, SqliteClient.layer({ filename, readonly: true })))
      assert.strictEqual(error.reason._tag, "AuthorizationError")
    }),
  )
})
