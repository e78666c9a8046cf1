import type {
  Address,
  MarketplaceConfig,
  MarketplaceOptions,
  Period,
  RequestId,
  RequestState,
  SlotId,
  SlotState,
  StorageRequest,
} from "@pecia/contracts-abi"
import { Context, type Effect, type Option, type Stream } from "effect"
import type * as Failure from "./MarketError.ts"
import type { MarketEvent } from "./MarketEvent.ts"

type ChainError = Failure.ChainError

/**
 * The marketplace contract, as one account sees it.
 *
 * Law: a write succeeds when it is mined and fails with the reason of its revert; nothing is sent when the reason is known
 * beforehand. Writes of one account take effect in the order in which they were called. An interrupted write
 * that was sent is not taken back: its caller waits for the outcome, but not for ever. `MemoryMarket` is the specification.
 */
export class Market extends Context.Service<
  Market,
  {
    /** The account that signs. */
    readonly account: Address

    /** Raises the contract's allowance by `amount` token base units; concurrent calls add up. */
    readonly approveFunds: (amount: bigint) => Effect.Effect<void, ChainError>
    /** Moves approved tokens into the account's collateral, which holds at most 2^128 - 1. */
    readonly deposit: (
      amount: bigint,
    ) => Effect.Effect<void, Failure.InsufficientAllowance | Failure.InsufficientBalance | ChainError>
    /** Takes the whole collateral back, rewards for marking included. Not while the account holds slots. */
    readonly withdraw: Effect.Effect<void, Failure.AccountLocked | ChainError>
    /** Puts a request on the market and pays its price in advance. */
    readonly requestStorage: (
      request: StorageRequest,
    ) => Effect.Effect<
      RequestId,
      | Failure.InvalidClientAddress
      | Failure.RequestAlreadyExists
      | Failure.RequestRefused
      | Failure.InsufficientAllowance
      | Failure.InsufficientBalance
      | ChainError
    >
    /** Takes a slot, with a first proof. */
    readonly fillSlot: (
      requestId: RequestId,
      slotIndex: bigint,
      proof: Uint8Array,
    ) => Effect.Effect<
      void,
      | Failure.UnknownRequest
      | Failure.InvalidSlot
      | Failure.SlotNotFree
      | Failure.InsufficientCollateral
      | Failure.InvalidProof
      | Failure.ProofAlreadySubmitted
      | ChainError
    >
    /**
     * Leaves a slot. While its request is under way: unpaid, and the slot is free again. When it is over: the slot is paid, to the end
     * if the request has finished (all of `pricePerSlot` if it was filled before the request started), to the expiry if it was
     * cancelled, to the failing call if it has failed.
     */
    readonly freeSlot: (
      slotId: SlotId,
    ) => Effect.Effect<void, Failure.SlotIsFree | Failure.SlotFilledByOtherHost | Failure.AlreadyPaid | ChainError>
    /** Shows that a slot of this account is still stored; once a period. */
    readonly submitProof: (
      slotId: SlotId,
      proof: Uint8Array,
    ) => Effect.Effect<
      void,
      | Failure.SlotIsFree
      | Failure.SlotFilledByOtherHost
      | Failure.InvalidProof
      | Failure.ProofAlreadySubmitted
      | ChainError
    >
    /**
     * Tells the contract that no proof came in the period. Every so many misses the host's collateral is slashed; a part of that goes
     * to the collateral of this account, unless it is the host.
     */
    readonly markProofAsMissing: (
      slotId: SlotId,
      period: Period,
    ) => Effect.Effect<
      void,
      | Failure.SlotNotAcceptingProofs
      | Failure.PeriodNotEnded
      | Failure.ValidationTimedOut
      | Failure.ProofNotMissing
      | Failure.ProofNotRequired
      | Failure.ProofAlreadyMarked
      | ChainError
    >
    /**
     * Takes back what no host earns of the price of a request that was cancelled, has failed or has finished: once, strictly after its
     * expiry, before or after the hosts are paid. Of one that finished there must be something left: slots were empty at its end, or
     * filled anew after its start.
     */
    readonly withdrawFunds: (
      requestId: RequestId,
    ) => Effect.Effect<
      void,
      Failure.RequestNotTimedOut | Failure.InvalidClientAddress | Failure.InvalidState | ChainError
    >

    /** The constants of the contract, read once. */
    readonly config: Effect.Effect<MarketplaceConfig, ChainError>
    /** What else the contract was deployed with, read once. */
    readonly options: Effect.Effect<MarketplaceOptions, ChainError>
    /** The collateral of an account, in token base units. */
    readonly collateral: (account: Address) => Effect.Effect<bigint, ChainError>
    /** The tokens in the wallet of an account, in base units. */
    readonly tokens: (account: Address) => Effect.Effect<bigint, ChainError>
    /** None: the chain does not know the request. */
    readonly getRequest: (requestId: RequestId) => Effect.Effect<Option.Option<StorageRequest>, ChainError>
    /** None: the chain does not know the request. */
    readonly requestState: (requestId: RequestId) => Effect.Effect<Option.Option<RequestState>, ChainError>
    /** Unix seconds; the request is over strictly after them. */
    readonly requestEnd: (requestId: RequestId) => Effect.Effect<bigint, Failure.UnknownRequest | ChainError>
    /** A slot of which the chain knows nothing is Free. */
    readonly slotState: (slotId: SlotId) => Effect.Effect<SlotState, ChainError>
    /** None: nobody has the slot. */
    readonly getHost: (slotId: SlotId) => Effect.Effect<Option.Option<Address>, ChainError>
    /** None: the slot is free. */
    readonly getActiveSlot: (
      slotId: SlotId,
    ) => Effect.Effect<Option.Option<{ readonly request: StorageRequest; readonly slotIndex: bigint }>, ChainError>
    /** The requests of this account that are not settled: not refunded, nor finished and paid out with nothing left; in no particular order. */
    readonly myRequests: Effect.Effect<ReadonlyArray<RequestId>, ChainError>
    /** The slots that this account holds; in no particular order. */
    readonly mySlots: Effect.Effect<ReadonlyArray<SlotId>, ChainError>
    /** How many proofs of the slot were marked as missing since it was filled. */
    readonly missingProofs: (slotId: SlotId) => Effect.Effect<bigint, ChainError>
    /** Which block the challenge stands on (section 4), for a transaction sent now. */
    readonly getPointer: (slotId: SlotId) => Effect.Effect<bigint, ChainError>
    /** 32 bytes as lower-case hex, for a transaction sent now. */
    readonly getChallenge: (slotId: SlotId) => Effect.Effect<string, ChainError>
    /** Whether a proof is due in this period, for a transaction sent now. */
    readonly isProofRequired: (slotId: SlotId) => Effect.Effect<boolean, ChainError>
    /** Whether a proof will be due in this period once the pointer has left its downtime. */
    readonly willProofBeRequired: (slotId: SlotId) => Effect.Effect<boolean, ChainError>

    /**
     * What happens on the market, from block `fromBlock` (default: the next one) on: replayed first, then followed. Never ends;
     * survives lost connections. At least once: an event may come again, and `ChainReorganised` takes events back.
     */
    readonly events: (options?: { readonly fromBlock?: bigint }) => Stream.Stream<MarketEvent, ChainError>
  }
>()("@pecia/market/Market") {}
