/**
 * `SqlClient` on the SQLite that is built into Node.
 *
 * One connection, guarded by one permit: a transaction, or a stream until it ends, has the database to itself, so a stream's
 * consumer must not query outside the stream's own transaction. Files are kept in WAL mode and every commit is on disk
 * (synchronous = FULL) before it answers. The structure follows the SQLite driver of Effect (MIT).
 */
import { DatabaseSync } from "node:sqlite"
import { Duration, Effect, Layer, type Scope, Semaphore } from "effect"
import { Reactivity } from "effect/reactivity"
import { SqlClient, type SqlError, Statement } from "effect/sql"
import { makeConnection } from "./internal/connection.ts"
import { sqliteError } from "./internal/sqliteError.ts"

export interface SqliteConfig {
  /** A path, or ":memory:". Its folder has to exist; the file is made unless `readonly`. */
  readonly filename: string
  readonly readonly?: boolean
  /** How long a statement waits for another process's lock; nothing else runs in this one meanwhile. One second by default. */
  readonly busyTimeout?: Duration.Input
}

const open = (config: SqliteConfig): Effect.Effect<DatabaseSync, SqlError.SqlError, Scope.Scope> => {
  const attempt = <A>(run: () => A) =>
    Effect.try({
      try: run,
      catch: (cause) => sqliteError(cause, "open", `The database ${config.filename} could not be opened`),
    })
  const options = {
    readOnly: config.readonly ?? false,
    timeout: Duration.toMillis(config.busyTimeout ?? "1 second"),
    enableForeignKeyConstraints: true,
  }
  return Effect.acquireRelease(
    attempt(() => new DatabaseSync(config.filename, options)),
    (db) => Effect.sync(() => db.close()),
    // Opening reads nothing yet: either statement notices a file that is no database.
  ).pipe(
    Effect.tap((db) =>
      attempt(() => db.exec(options.readOnly ? "PRAGMA schema_version" : "PRAGMA journal_mode = WAL")),
    ),
  )
}

/** Opens the database until the scope closes. Fails with a `SqlError` when it is missing, locked, damaged, or something else. */
export const make = Effect.fnUntraced(function* (
  config: SqliteConfig,
): Effect.fn.Return<SqlClient.SqlClient, SqlError.SqlError, Scope.Scope | Reactivity.Reactivity> {
  const db = yield* open(config)
  return yield* SqlClient.make({
    ...SqlClient.makeSqliteAcquirers({
      connection: Effect.succeed(makeConnection(db)),
      semaphore: yield* Semaphore.make(1),
      isTransaction: () => db.isTransaction,
    }),
    compiler: Statement.makeCompilerSqlite(),
    driver: "node:sqlite",
    spanAttributes: [["db.system.name", "sqlite"]],
    prepareTransactionControls: true,
    // A transaction that turned from reading to writing could not wait for a lock any more.
    beginTransaction: "BEGIN IMMEDIATE",
    releaseSavepoint: (name) => `RELEASE SAVEPOINT ${name}`,
  })
})

export const layer = (config: SqliteConfig): Layer.Layer<SqlClient.SqlClient, SqlError.SqlError> =>
  Layer.effect(SqlClient.SqlClient, make(config)).pipe(Layer.provide(Reactivity.layer))
