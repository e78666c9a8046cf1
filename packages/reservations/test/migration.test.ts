import { readFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert, it } from "@effect/vitest"
import { SqliteClient } from "@pecia/sql-sqlite"
import { Effect, Layer } from "effect"
import { Reservations } from "../src/index.ts"
import { aSlot, assertLaw, slotIdOf } from "../src/testing/internal/fixtures.ts"
import { folder } from "./folder.ts"

const oldFile = Effect.map(folder, (path) => {
  const filename = join(path, "ledger.sqlite")
  const database = new DatabaseSync(filename)
  database.exec(readFileSync(new URL("fixtures/version1.sql", import.meta.url), "utf8"))
  database.close()
  return filename
})

it.effect("a ledger from before there were two markets is brought up to date: what it sold is the marketplace's", () =>
  Effect.gen(function* () {
    const filename = yield* oldFile
    const opened = Reservations.layerSql({ quotaBytes: 1000n, metadataQuotaBytes: 100n }).pipe(
      Layer.provide(SqliteClient.layer({ filename })),
    )
    yield* Effect.gen(function* () {
      const ledger = yield* Reservations
      yield* ledger.reserve(aSlot(2, { market: "OfferMarket" }))
      assert.deepStrictEqual(yield* ledger.cached, [], "what was there is kept")
      yield* ledger.cache("upload")
      yield* assertLaw(ledger)
    }).pipe(Effect.provide(Layer.fresh(opened)))
    yield* Effect.gen(function* () {
      const ledger = yield* Reservations
      const markets = (yield* ledger.reservations).map(({ market, slotId, writtenBytes }) => [
        slotId,
        market,
        writtenBytes,
      ])
      assert.sameDeepMembers(markets, [
        [slotIdOf(1), "Marketplace", 70n],
        [slotIdOf(2), "OfferMarket", 0n],
      ])
      assert.deepStrictEqual(yield* ledger.cached, ["upload"])
      yield* assertLaw(ledger)
    }).pipe(Effect.provide(Layer.fresh(opened)))
  }),
)
