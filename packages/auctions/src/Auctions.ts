import type { ContentHash, Offer, OfferId, OpenRequest, RequestId } from "@pecia/contracts-abi"
import type { ChainError } from "@pecia/market"
import { type Array as Arrays, Context, type Effect, type Option, type Stream } from "effect"
import type { AuctionName } from "./AuctionName.ts"
import type { AuctionOutcome, AuctionState } from "./AuctionState.ts"
import type { AuctionJournalError, InsufficientTokens, SenselessAuction } from "./AuctionsError.ts"

/** One slot that a client wants to have kept, and the most that it pays. */
export interface AuctionTerms {
  /** Names the dataset of which this is a slot: at most 100 characters. */
  readonly dataset: string
  readonly slotIndex: number
  /** Bytes. */
  readonly size: bigint
  readonly contentHash: ContentHash
  /** Seconds, counted from the start of the contract. */
  readonly duration: bigint
  /** About one proof in so many periods. */
  readonly proofProbability: bigint
  /** Token base units for the whole duration. */
  readonly maxPrice: bigint
  /** Seconds from now within which an offer has to be selected and its host to start; otherwise everything comes back. */
  readonly expirySeconds: bigint
}

/** An auction, as it stands now. */
export interface AuctionReport {
  readonly id: RequestId
  readonly request: OpenRequest
  readonly dataset: string
  readonly slotIndex: number
  /** The state, as REST calls it. */
  readonly name: AuctionName
  /** What went wrong, as a sentence. */
  readonly error: Option.Option<string>
  /** How many offers were made, as far as this node has seen; none are counted once the auction is over. */
  readonly offers: number
  /** The offer that was selected. */
  readonly selected: Option.Option<{ readonly offerId: OfferId; readonly offer: Offer }>
}

/** One request for offers that is followed until it has ended and what no host earned is back. */
export interface Auction {
  readonly id: RequestId
  readonly request: OpenRequest
  readonly state: Effect.Effect<AuctionState>
  /** The state, then each one after it; ends with the end of the auction. A slow reader gets the latest only. */
  readonly states: Stream.Stream<AuctionState>
  /** Waits for the end, refund included. */
  readonly awaitEnd: Effect.Effect<AuctionOutcome>
}

/** The auctions of a client: asks for offers, selects, follows the contracts to their end, takes back what no host earned, also after a restart. */
export class Auctions extends Context.Service<
  Auctions,
  {
    /** Opens an auction for each of the slots, or none. Answers as soon as they are written down; they are sent, and followed, in the background. */
    readonly open: (
      slots: Arrays.NonEmptyReadonlyArray<AuctionTerms>,
    ) => Effect.Effect<
      Arrays.NonEmptyReadonlyArray<Auction>,
      SenselessAuction | InsufficientTokens | ChainError | AuctionJournalError
    >
    /** None: this account has opened no such auction. */
    readonly find: (id: RequestId) => Effect.Effect<Option.Option<Auction>, AuctionJournalError>
    /** None: as `find`. */
    readonly report: (id: RequestId) => Effect.Effect<Option.Option<AuctionReport>, ChainError | AuctionJournalError>
    /** All auctions, ended ones included; the oldest first. */
    readonly reports: Effect.Effect<ReadonlyArray<AuctionReport>, ChainError | AuctionJournalError>
  }
>()("@pecia/auctions/Auctions") {}
