import { join } from "node:path"
import { SqliteClient } from "@pecia/sql-sqlite"
import { Effect, FileSystem, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"

/** The folder of a node cannot be used. */
export class DataDirectoryUnusable extends Schema.TaggedError<DataDirectoryUnusable>()("DataDirectoryUnusable", {
  message: Schema.String,
}) {}

/**
 * Takes the folder for this process. SQLite's own lock is what others meet: it ends with the process, however that ends.
 * Nothing is kept in that file.
 */
const claim = Effect.fnUntraced(function* (directory: string) {
  const taken = () =>
    new DataDirectoryUnusable({
      message: `Another peciad uses the folder ${directory}; stop it, or choose another folder with --data-dir.`,
    })
  const context = yield* Effect.mapError(
    Layer.build(SqliteClient.layer({ filename: join(directory, "claim.sqlite"), busyTimeout: "100 millis" })),
    taken,
  )
  const connection = yield* Effect.mapError(
    Effect.provideContext(
      Effect.flatMap(SqlClient.SqlClient, (sql) => sql.reserve),
      context,
    ),
    taken,
  )
  yield* Effect.mapError(connection.executeUnprepared("PRAGMA locking_mode = EXCLUSIVE", [], undefined), taken)
  yield* Effect.mapError(connection.executeUnprepared("BEGIN EXCLUSIVE", [], undefined), taken)
})

/** The folder of a node, made when it is missing and claimed for this process, and the database in it. */
export const layerDataDirectory = (directory: string) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      yield* Effect.mapError(
        fs.makeDirectory(directory, { recursive: true, mode: 0o700 }),
        () =>
          new DataDirectoryUnusable({
            message: `The folder ${directory} cannot be made or used; choose another with --data-dir, or look at its permissions.`,
          }),
      )
      yield* claim(directory)
      return SqliteClient.layer({ filename: join(directory, "node.sqlite") })
    }),
  )
