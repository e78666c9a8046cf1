import type { Offer, OfferId, OpenRequest, RequestId } from "@pecia/contracts-abi"
import type { AccountLocked, ChainError } from "@pecia/market"
import type { Reservation, ReservationsError } from "@pecia/reservations"
import { Context, type Effect, type Option } from "effect"
import type { BidName } from "./BidName.ts"
import type { BidState } from "./BidState.ts"

/** A bid, as it stands now. */
export interface BidReport {
  readonly requestId: RequestId
  readonly request: OpenRequest
  /** What was offered; none yet. */
  readonly offer: Option.Option<{ readonly offerId: OfferId; readonly offer: Offer }>
  readonly state: BidState
  /** The state, as REST calls it. */
  readonly name: BidName
  /** The space that is held. */
  readonly reservation: Option.Option<Reservation>
}

/** A contract that this host has started and that goes on. */
export interface StartedContract {
  readonly offerId: OfferId
  readonly request: OpenRequest
}

/** The bids of a host: offers on open requests, keeps what was selected until it is paid, and takes all up again after a restart. */
export class Bidding extends Context.Service<
  Bidding,
  {
    /** The bids that go on. Asks no chain. */
    readonly bids: Effect.Effect<ReadonlyArray<BidReport>, ReservationsError>
    /** The bid on a request, or how it has ended as long as that is remembered (the latest 1000). */
    readonly bid: (requestId: RequestId) => Effect.Effect<Option.Option<BidReport>, ReservationsError>
    /** The latest ended bids (up to 1000), the oldest first. */
    readonly ended: Effect.Effect<ReadonlyArray<BidReport>>
    /** The contracts that owe proofs. */
    readonly contracts: Effect.Effect<ReadonlyArray<StartedContract>>
    /** Looks again, at once, at the requests that were declined; without it that happens each minute. */
    readonly reconsider: Effect.Effect<void>
    /** Takes the whole collateral back; not while a contract is kept or an offer is open. */
    readonly withdrawCollateral: Effect.Effect<void, AccountLocked | ChainError>
  }
>()("@pecia/bidding/Bidding") {}
