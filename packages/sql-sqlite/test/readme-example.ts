import { SqliteClient } from "@pecia/sql-sqlite"
import { Console, Effect } from "effect"
import { SqlClient } from "effect/sql"

const program = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE coins (owner TEXT PRIMARY KEY, amount INTEGER NOT NULL)`
  yield* sql`INSERT INTO coins ${sql.insert({ owner: "ada", amount: 2n ** 62n })}`
  const rows = yield* sql<{ amount: bigint }>`SELECT amount FROM coins WHERE owner = ${"ada"}`
  yield* Console.log(rows[0]?.amount)
}).pipe(Effect.provideService(SqlClient.SafeIntegers, true))

Effect.runPromise(Effect.provide(program, SqliteClient.layer({ filename: ":memory:" })))
