import { SqliteClient } from "@pecia/sql-sqlite"
import { Layer } from "effect"
import { Reservations } from "../src/index.ts"
import { ReservationsTest } from "../src/testing/index.ts"

const sqlite = SqliteClient.layer({ filename: ":memory:" }).pipe(Layer.orDie)

ReservationsTest.suite("Reservations.layerMemory", Reservations.layerMemory)
ReservationsTest.suite("Reservations.layerSql", (options) =>
  Reservations.layerSql(options).pipe(Layer.provide(Layer.fresh(sqlite))),
)
