import { type ChildProcess, spawn } from "node:child_process"
import { open, readdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { SqliteClient } from "../src/index.ts"
import { folder } from "./folder.ts"

const failToOpen = (config: SqliteClient.SqliteConfig) => Effect.flip(Layer.build(SqliteClient.layer(config)))

describe("opening", () => {
  it.effect("a file in a folder that does not exist says what to check", () =>
    Effect.gen(function* () {
      const error = yield* failToOpen({ filename: "/nowhere/at/all.sqlite" })
      assert.strictEqual(error.reason._tag, "ConnectionError")
      assert.match(error.message, /\/nowhere\/at\/all\.sqlite could not be opened: .*Check that the folder exists/)
    }),
  )

  it.effect("a folder fails", () =>
    Effect.gen(function* () {
      const error = yield* failToOpen({ filename: yield* folder })
      assert.strictEqual(error.reason._tag, "ConnectionError")
    }),
  )

  it.effect("a missing file for reading fails and makes none", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const error = yield* failToOpen({ filename: join(path, "missing.sqlite"), readonly: true })
      assert.strictEqual(error.reason._tag, "ConnectionError")
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(path)), [])
    }),
  )

  it.effect("a file that is no database fails at once, for writing and for reading, and is left as it was", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "letter.txt")
      yield* Effect.promise(() => writeFile(filename, "Dear reader, ".repeat(500)))
      for (const readonly of [false, true]) {
        const error = yield* failToOpen({ filename, readonly })
        assert.match(
          error.message,
          /letter\.txt could not be opened: file is not a database\. The file is something else/,
        )
        assert.isFalse(error.isRetryable)
      }
    }),
  )

  it.effect("a folder where this user may not write fails", () =>
    Effect.gen(function* () {
      const path = yield* folder // mode 0700, of the user who runs the tests
      const error = yield* asNobody(failToOpen({ filename: join(path, "denied.sqlite") }))
      assert.strictEqual(error.reason._tag, "ConnectionError")
      assert.match(error.message, /this user may write there/)
    }),
  )
})

describe("a damaged file", () => {
  it.effect("fails the statement that meets the damage, and says so", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "damaged.sqlite")
      const fill = Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`CREATE TABLE numbers (n INTEGER, filler TEXT)`
        for (let n = 0; n < 50; n++) yield* sql`INSERT INTO numbers VALUES (${n}, ${"x".repeat(1000)})`
      })
      yield* Effect.provide(fill, SqliteClient.layer({ filename }))
      yield* Effect.promise(() => overwrite(filename, 4096, 40_000))
      const read = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT n FROM numbers`)
      const error = yield* Effect.flip(Effect.provide(read, SqliteClient.layer({ filename })))
      assert.match(error.message, /malformed\. The file is damaged/)
      assert.isFalse(error.isRetryable)
    }),
  )
})

describe("a database that another process has locked", () => {
  const busyTimeout = "20 millis"

  it.effect("fails a statement and a transaction with an error that may be retried, and serves again afterwards", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "shared.sqlite")
      const live = yield* Layer.build(SqliteClient.layer({ filename, busyTimeout }))
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`CREATE TABLE mine (n INTEGER)`
        const insert = sql`INSERT INTO mine VALUES (1)`
        yield* Effect.scoped(
          Effect.gen(function* () {
            yield* holder(filename, "WAL", "BEGIN IMMEDIATE")
            for (const attempt of [insert, sql.withTransaction(insert)]) {
              const error = yield* Effect.flip(attempt)
              assert.strictEqual(error.reason._tag, "LockTimeoutError")
              assert.isTrue(error.isRetryable)
              assert.match(error.message, /Another process has locked the database/)
            }
            assert.deepStrictEqual(yield* sql`SELECT n FROM mine`.values, [])
          }),
        )
        yield* sql.withTransaction(insert)
        assert.deepStrictEqual(yield* sql`SELECT n FROM mine`.values, [[1]])
      }).pipe(Effect.provide(live))
    }),
  )

  it.effect("fails to open when the other one allows no readers either", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "exclusive.sqlite")
      yield* holder(filename, "DELETE", "BEGIN EXCLUSIVE")
      const error = yield* failToOpen({ filename, busyTimeout })
      assert.strictEqual(error.reason._tag, "LockTimeoutError")
      assert.match(error.message, /exclusive\.sqlite could not be opened: database is locked/)
    }),
  )
})

/** Root may do everything, so tests that run as root put its rights down meanwhile. */
const asNobody = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  process.geteuid?.() !== 0
    ? self
    : Effect.acquireUseRelease(
        Effect.sync(() => process.seteuid?.(65_534)),
        () => self,
        () => Effect.sync(() => process.seteuid?.(0)),
      )

const overwrite = async (filename: string, from: number, bytes: number) => {
  const file = await open(filename, "r+")
  await file.write(new Uint8Array(bytes).fill(0xa5), 0, bytes, from)
  await file.close()
}

/** Another process that has locked the database, until the scope closes. */
const holder = (filename: string, journalMode: string, begin: string) =>
  Effect.acquireRelease(
    Effect.callback<ChildProcess>((resume) => {
      const script = fileURLToPath(new URL("fixtures/holder.mjs", import.meta.url))
      const child = spawn(process.execPath, [script, filename, journalMode, begin], {
        stdio: ["pipe", "pipe", "inherit"],
      })
      createInterface({ input: child.stdout }).once("line", () => resume(Effect.succeed(child)))
      child.once("exit", (code) => resume(Effect.die(new Error(`the holder of the lock ended with ${code}`))))
    }),
    (child) =>
      Effect.callback<void>((resume) => {
        child.once("exit", () => resume(Effect.void))
        child.stdin?.end()
      }),
  )
