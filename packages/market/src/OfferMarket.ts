import type {
  Address,
  ContractState,
  MarketplaceConfig,
  MarketplaceOptions,
  Offer,
  OfferId,
  OpenRequest,
  Period,
  RequestId,
} from "@pecia/contracts-abi"
import { Context, type Effect, type Option, type Stream } from "effect"
import type * as Failure from "./MarketError.ts"
import type * as OfferFailure from "./OfferError.ts"
import type { OfferEvent } from "./OfferEvent.ts"

type ChainError = Failure.ChainError

/**
 * The market by offers, as one account sees it: a client names the most that it pays, hosts offer, the client selects, the
 * difference is paid back. One request is one slot of data at one host; the contract has the id of its offer.
 *
 * Law: as of `Market`. `MemoryOfferMarket` is the specification.
 */
export class OfferMarket extends Context.Service<
  OfferMarket,
  {
    /** The account that signs. */
    readonly account: Address

    /** Raises the contract's allowance by `amount` token base units; concurrent calls add up. */
    readonly approveFunds: (amount: bigint) => Effect.Effect<void, ChainError>
    /** Moves approved tokens into the account's collateral, which holds at most 2^128 - 1. */
    readonly deposit: (
      amount: bigint,
    ) => Effect.Effect<void, Failure.InsufficientAllowance | Failure.InsufficientBalance | ChainError>
    /** Takes the whole collateral back. Not while the account keeps a contract, or has offers on requests that are still open. */
    readonly withdraw: Effect.Effect<void, Failure.AccountLocked | ChainError>

    /** Asks for offers and pays `maxPrice` in advance. */
    readonly requestStorage: (
      request: OpenRequest,
    ) => Effect.Effect<
      RequestId,
      | Failure.InvalidClientAddress
      | Failure.RequestAlreadyExists
      | OfferFailure.OpenRequestRefused
      | Failure.InsufficientAllowance
      | Failure.InsufficientBalance
      | ChainError
    >
    /** Offers to keep the data of a request that has not expired. */
    readonly offerStorage: (
      offer: Offer,
    ) => Effect.Effect<
      OfferId,
      | OfferFailure.InvalidHostAddress
      | Failure.InsufficientCollateral
      | Failure.UnknownRequest
      | OfferFailure.RequestExpired
      | OfferFailure.PriceTooHigh
      | OfferFailure.OfferAlreadyExists
      | OfferFailure.OfferRefused
      | OfferFailure.MaxLocksReached
      | ChainError
    >
    /** Takes an offer to a request of this account; `maxPrice - price` comes back at once. */
    readonly selectOffer: (
      offerId: OfferId,
    ) => Effect.Effect<
      void,
      | OfferFailure.UnknownOffer
      | OfferFailure.OfferExpired
      | OfferFailure.NotClientOfRequest
      | OfferFailure.OfferAlreadySelected
      | OfferFailure.RequestExpired
      | OfferFailure.HostLacksCollateral
      | ChainError
    >
    /** Says that this account keeps the data; before the request expires. Proofs are due from the next period on. */
    readonly startContract: (
      offerId: OfferId,
    ) => Effect.Effect<
      void,
      | OfferFailure.NotHostOfOffer
      | OfferFailure.OfferNotSelected
      | OfferFailure.ContractStartedBefore
      | OfferFailure.RequestExpired
      | ChainError
    >
    /** Pays the host of a contract that is over: the price, or its share for the time stored when the contract has failed. */
    readonly finishContract: (
      offerId: OfferId,
    ) => Effect.Effect<void, OfferFailure.ContractNotStarted | OfferFailure.ContractNotEnded | ChainError>
    /**
     * Pays back to the client what no host earns: all of it when no contract started before the request expired, the rest when the
     * contract has failed. Once; anyone can call it.
     */
    readonly withdrawFunds: (
      requestId: RequestId,
    ) => Effect.Effect<void, Failure.UnknownRequest | Failure.RequestNotTimedOut | Failure.InvalidState | ChainError>
    /** Shows that the data is still stored; once a period. */
    readonly submitProof: (
      offerId: OfferId,
      proof: Uint8Array,
    ) => Effect.Effect<
      void,
      | OfferFailure.ContractNotStarted
      | OfferFailure.NotHostOfOffer
      | Failure.InvalidProof
      | Failure.ProofAlreadySubmitted
      | ChainError
    >
    /** As `Market.markProofAsMissing`. When too little collateral is left, the contract fails. */
    readonly markProofAsMissing: (
      offerId: OfferId,
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

    /** The constants of the contract, read once. */
    readonly config: Effect.Effect<MarketplaceConfig, ChainError>
    /** What else the contract was deployed with, read once. */
    readonly options: Effect.Effect<MarketplaceOptions, ChainError>
    /** The collateral of an account, in token base units. */
    readonly collateral: (account: Address) => Effect.Effect<bigint, ChainError>
    /** The tokens in the wallet of an account, in base units. */
    readonly tokens: (account: Address) => Effect.Effect<bigint, ChainError>
    /** None: the chain does not know the request. */
    readonly getRequest: (requestId: RequestId) => Effect.Effect<Option.Option<OpenRequest>, ChainError>
    /** None: the chain does not know the offer. */
    readonly getOffer: (offerId: OfferId) => Effect.Effect<Option.Option<Offer>, ChainError>
    /** None: the client has not selected any. */
    readonly selectedOffer: (requestId: RequestId) => Effect.Effect<Option.Option<OfferId>, ChainError>
    /** An offer of which the chain knows nothing is None. */
    readonly contractState: (offerId: OfferId) => Effect.Effect<ContractState, ChainError>
    /** Unix seconds at which the contract ends, or has failed; none before its start. */
    readonly proofEnd: (offerId: OfferId) => Effect.Effect<Option.Option<bigint>, ChainError>
    /** How many proofs of the contract were marked as missing. */
    readonly missingProofs: (offerId: OfferId) => Effect.Effect<bigint, ChainError>
    /** As `Market.getPointer`. */
    readonly getPointer: (offerId: OfferId) => Effect.Effect<bigint, ChainError>
    /** As `Market.getChallenge`. */
    readonly getChallenge: (offerId: OfferId) => Effect.Effect<string, ChainError>
    /** As `Market.isProofRequired`. */
    readonly isProofRequired: (offerId: OfferId) => Effect.Effect<boolean, ChainError>
    /** As `Market.willProofBeRequired`. */
    readonly willProofBeRequired: (offerId: OfferId) => Effect.Effect<boolean, ChainError>

    /** What happens on the market; as `Market.events`. */
    readonly events: (options?: { readonly fromBlock?: bigint }) => Stream.Stream<OfferEvent, ChainError>
  }
>()("@pecia/market/OfferMarket") {}
