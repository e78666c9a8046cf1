import type { DatabaseSync, StatementSync } from "node:sqlite"
import { Effect, Option, Result, Stream } from "effect"
import { SqlClient, type SqlConnection, type SqlError } from "effect/sql"
import { type Storable, storables } from "../UnstorableValue.ts"
import { sqliteError } from "./sqliteError.ts"

const rowsPerChunk = 128
const maxPreparedStatements = 256

const maxQuotedLength = 160

const failed = (sql: string) => (cause: unknown) => {
  const text = sql.trim().replace(/\s+/g, " ")
  const quoted = text.length > maxQuotedLength ? `${text.slice(0, maxQuotedLength)}…` : text
  return sqliteError(cause, "execute", `The statement "${quoted}" failed`)
}

/** Statements by their text, so that each is parsed once. The one unused for longest makes room. */
class PreparedStatements {
  readonly #statements = new Map<string, StatementSync>()

  get(sql: string): StatementSync | undefined {
    const known = this.#statements.get(sql)
    if (known !== undefined) this.put(sql, known)
    return known
  }

  put(sql: string, statement: StatementSync): void {
    this.#statements.delete(sql)
    this.#statements.set(sql, statement)
    const [oldest] = this.#statements.keys()
    if (this.#statements.size > maxPreparedStatements && oldest !== undefined) this.#statements.delete(oldest)
  }
}

/** The one connection to an open database. It knows nothing of transactions: the client guards it with a semaphore. */
export const makeConnection = (db: DatabaseSync): SqlConnection.Connection => {
  const prepared = new PreparedStatements()

  const prepare = (sql: string): Effect.Effect<StatementSync, SqlError.SqlError> =>
    Effect.try({ try: () => db.prepare(sql), catch: failed(sql) }).pipe(
      // node:sqlite compiles the first statement and would silently forget what follows.
      Effect.filterOrFail(
        (statement) => /^(?:\s|;|--[^\n]*(?:\n|$))*$/.test(sql.slice(statement.sourceSQL.length)),
        () => failed(sql)(new Error("only one statement can be executed at a time")),
      ),
    )

  const cached = (sql: string): Effect.Effect<StatementSync, SqlError.SqlError> =>
    Effect.suspend(() => {
      const known = prepared.get(sql)
      if (known !== undefined) return Effect.succeed(known)
      return Effect.tap(prepare(sql), (statement) => Effect.sync(() => prepared.put(sql, statement)))
    })

  /** Reads integers as the fiber wants them, and refuses parameters that SQLite would change. */
  const execute = <A>(
    sql: string,
    params: ReadonlyArray<unknown>,
    statement: Effect.Effect<StatementSync, SqlError.SqlError>,
    use: (statement: StatementSync, params: Array<Storable>) => A,
  ): Effect.Effect<A, SqlError.SqlError> =>
    Effect.withFiber((fiber) => {
      const bound = storables(params)
      if (Result.isFailure(bound)) return Effect.fail(failed(sql)(bound.failure))
      return Effect.flatMap(statement, (statement) =>
        Effect.try({
          try: () => {
            statement.setReadBigInts(fiber.getRef(SqlClient.SafeIntegers))
            return use(statement, bound.success)
          },
          catch: failed(sql),
        }),
      )
    })

  return {
    execute: (sql, params, transform) => transformed(execute(sql, params, cached(sql), rows), transform),
    executeUnprepared: (sql, params, transform) => transformed(execute(sql, params, prepare(sql), rows), transform),
    executeValues: (sql, params) => execute(sql, params, cached(sql), values),
    executeValuesUnprepared: (sql, params) => execute(sql, params, prepare(sql), values),
    executeRaw: (sql, params) =>
      execute(sql, params, cached(sql), (statement, params) =>
        statement.columns().length > 0 ? rows(statement, params) : statement.run(...params),
      ),
    executeStream: (sql, params, transform) =>
      Stream.unwrap(
        Effect.gen(function* () {
          // An iterator left open would keep its snapshot of the database, and the log would grow for ever.
          const cursor = yield* Effect.acquireRelease(
            execute(sql, params, prepare(sql), (statement, params) => statement.iterate(...params)),
            (cursor) => Effect.sync(() => cursor.return?.()),
          )
          const chunk = Effect.try({ try: () => take(cursor, rowsPerChunk), catch: failed(sql) })
          return Stream.paginate(undefined, () =>
            Effect.map(transformed(chunk, transform), (rows) => [
              rows,
              rows.length < rowsPerChunk ? Option.none() : Option.some(undefined),
            ]),
          )
        }),
      ),
  }
}

type Row = ReturnType<StatementSync["all"]>[number]

const rows = (statement: StatementSync, params: Array<Storable>): ReadonlyArray<Row> => {
  statement.setReturnArrays(false)
  return statement.all(...params)
}

const values = (statement: StatementSync, params: Array<Storable>): ReadonlyArray<ReadonlyArray<unknown>> => {
  statement.setReturnArrays(true)
  const all: ReadonlyArray<unknown> = statement.all(...params)
  return all.filter(Array.isArray)
}

const take = (cursor: Iterator<Row>, count: number): ReadonlyArray<Row> => {
  const taken: Array<Row> = []
  while (taken.length < count) {
    const next = cursor.next()
    if (next.done === true) break
    taken.push(next.value)
  }
  return taken
}

const transformed = (
  self: Effect.Effect<ReadonlyArray<Row>, SqlError.SqlError>,
  transform: (<A extends object>(rows: ReadonlyArray<A>) => ReadonlyArray<A>) | undefined,
): Effect.Effect<ReadonlyArray<Row>, SqlError.SqlError> =>
  transform === undefined ? self : Effect.map(self, transform)
