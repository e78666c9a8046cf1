import type { OpenRequest, RequestId } from "@pecia/contracts-abi"
import { Context, type Effect, Layer, type Option } from "effect"
import type { SqlClient } from "effect/sql"
import type { AuctionState } from "./AuctionState.ts"
import type { AuctionJournalError } from "./AuctionsError.ts"
import { makeMemory } from "./internal/journalMemory.ts"
import { makeSql } from "./internal/journalSql.ts"

/** What is remembered of an auction. */
export interface AuctionRecord {
  readonly id: RequestId
  readonly request: OpenRequest
  /** Names the dataset of which this is a slot: auctions of one dataset look for different hosts. At most 100 characters. */
  readonly dataset: string
  readonly slotIndex: number
  /** Unix seconds. */
  readonly openedAt: bigint
  /** No offer to it is in an earlier block. 0: its request has not been seen on the chain yet. */
  readonly block: bigint
  readonly state: AuctionState
  /** Unix seconds: when it came into this state, as far as this node has seen. */
  readonly since: bigint
}

/**
 * What outlives the node: every auction, ended ones included.
 *
 * Law: `save` replaces the records of the same ids, in place, all or none. What was saved is read again, and a record that cannot be
 * read hides no other.
 */
export class AuctionJournal extends Context.Service<
  AuctionJournal,
  {
    readonly save: (...records: ReadonlyArray<AuctionRecord>) => Effect.Effect<void, AuctionJournalError>
    readonly get: (id: RequestId) => Effect.Effect<Option.Option<AuctionRecord>, AuctionJournalError>
    /** The oldest first. */
    readonly all: Effect.Effect<ReadonlyArray<AuctionRecord>, AuctionJournalError>
    /** Those that have not ended, the oldest first. */
    readonly open: Effect.Effect<ReadonlyArray<AuctionRecord>, AuctionJournalError>
  }
>()("@pecia/auctions/AuctionJournal") {
  /** The reference: forgets everything when its scope closes. */
  static readonly layerMemory: Layer.Layer<AuctionJournal> = Layer.sync(AuctionJournal, makeMemory)

  /** In the database of the `SqlClient`, which has to be SQLite. Makes its table, named `auction`, or brings it up to date. */
  static readonly layerSql: Layer.Layer<AuctionJournal, AuctionJournalError, SqlClient.SqlClient> = Layer.effect(
    AuctionJournal,
    makeSql,
  )
}
