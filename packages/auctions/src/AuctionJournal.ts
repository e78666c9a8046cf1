import type { OpenRequest, RequestId } from "@pecia/contracts-abi"
import { Context, type Effect, type Option } from "effect"
import type { AuctionState } from "./AuctionState.ts"
import type { AuctionJournalError } from "./AuctionsError.ts"

/** What is remembered of an auction. */
export interface AuctionRecord {
  readonly id: RequestId
  readonly request: OpenRequest
  /** Names the dataset of which this is a slot: auctions of one dataset look for different hosts. At most 100 characters. */
  readonly dataset: string
  readonly slotIndex: number
  /** Unix seconds. */
  readonly openedAt: bigint
  readonly state: AuctionState
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
>()("@pecia/auctions/AuctionJournal") {}
