import type { OfferId, OpenRequest } from "@pecia/contracts-abi"
import { Context, type Effect } from "effect"

/** A contract that came of an offer of this account, and the request that it is about. */
export interface HeldContract {
  readonly offerId: OfferId
  readonly request: OpenRequest
}

/** Which contracts this account has to prove. The chain has no list of them; a node wires this to its bids. */
export class HeldContracts extends Context.Service<
  HeldContracts,
  {
    /** Those that were started and go on. It is asked for often: 16 times a period. */
    readonly contracts: Effect.Effect<ReadonlyArray<HeldContract>>
  }
>()("@pecia/proving/HeldContracts") {}
