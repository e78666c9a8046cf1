import type { RequestId, StorageRequest } from "@pecia/contracts-abi"
import { Context, type Effect, Layer, type Option } from "effect"
import type { SqlClient } from "effect/sql"
import { makeMemory } from "./internal/journalMemory.ts"
import { makeSql } from "./internal/journalSql.ts"
import type { PurchaseState } from "./PurchaseState.ts"
import type { PurchaseJournalError } from "./PurchasingError.ts"

/** What is remembered of a purchase. */
export interface PurchaseRecord {
  readonly id: RequestId
  readonly request: StorageRequest
  readonly state: PurchaseState
}

/**
 * What outlives the node: every purchase, ended ones included.
 *
 * Law: `save` replaces the record of the same id, in place. What was saved is read again, and a record that cannot be read
 * hides no other.
 */
export class PurchaseJournal extends Context.Service<
  PurchaseJournal,
  {
    readonly save: (record: PurchaseRecord) => Effect.Effect<void, PurchaseJournalError>
    readonly get: (id: RequestId) => Effect.Effect<Option.Option<PurchaseRecord>, PurchaseJournalError>
    /** The oldest first. */
    readonly all: Effect.Effect<ReadonlyArray<PurchaseRecord>, PurchaseJournalError>
    /** Those that have not ended, the oldest first. */
    readonly open: Effect.Effect<ReadonlyArray<PurchaseRecord>, PurchaseJournalError>
  }
>()("@pecia/purchasing/PurchaseJournal") {
  /** The reference: forgets everything when its scope closes. */
  static readonly layerMemory: Layer.Layer<PurchaseJournal> = Layer.sync(PurchaseJournal, makeMemory)

  /** In the database of the `SqlClient`, which has to be SQLite. Makes its table, named `purchase`, or brings it up to date. */
  static readonly layerSql: Layer.Layer<PurchaseJournal, PurchaseJournalError, SqlClient.SqlClient> = Layer.effect(
    PurchaseJournal,
    makeSql,
  )
}
