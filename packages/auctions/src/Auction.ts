import type { OpenRequest, RequestId } from "@pecia/contracts-abi"
import { Effect, Option, Stream, SubscriptionRef } from "effect"
import type { AuctionRecord } from "./AuctionJournal.ts"
import { auctionError } from "./AuctionName.ts"
import type { AuctionOutcome } from "./AuctionOutcome.ts"
import { AuctionState } from "./AuctionState.ts"

/** One request for offers that is followed until it has ended and what no host earned is back. */
export interface Auction {
  readonly id: RequestId
  readonly request: OpenRequest
  readonly state: Effect.Effect<AuctionState>
  /** The state, then each one after it; ends with the end of the auction. A slow reader gets the latest only. */
  readonly states: Stream.Stream<AuctionState>
  /** What went wrong, as a sentence. None: nothing has so far. */
  readonly error: Effect.Effect<Option.Option<string>>
  /** Waits for the end, refund included. */
  readonly awaitEnd: Effect.Effect<AuctionOutcome>
}

const isEnded = AuctionState.$is("Ended")

export const Auction = {
  /** The auction whose state is kept in `current`. */
  of: (
    { id, request }: Pick<AuctionRecord, "id" | "request">,
    current: SubscriptionRef.SubscriptionRef<AuctionState>,
  ): Auction => {
    const state = SubscriptionRef.get(current)
    const states = SubscriptionRef.changes(current).pipe(Stream.takeUntil(isEnded))
    const awaitEnd = Effect.map(
      Stream.runHead(Stream.filter(states, isEnded)),
      (found) => Option.getOrThrow(found).outcome,
    )
    return { id, request, state, states, error: Effect.map(state, auctionError), awaitEnd }
  },
} as const
