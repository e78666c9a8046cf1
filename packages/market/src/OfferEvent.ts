import { Offer, OfferId, OpenRequest, RequestId } from "@pecia/contracts-abi"
import { Schema } from "effect"

/** Where an event stands on the chain. */
const at = { blockNumber: Schema.BigInt, logIndex: Schema.Int }

/** The events of the offer market, and what a reader of a chain has to know besides. */
export const OfferEvent = Schema.TaggedUnion({
  StorageRequested: { ...at, requestId: RequestId, request: OpenRequest },
  StorageOffered: { ...at, offerId: OfferId, offer: Offer },
  OfferSelected: { ...at, offerId: OfferId, requestId: RequestId },
  ContractStarted: { ...at, offerId: OfferId },
  /** It is over, and its host was paid. */
  ContractFinished: { ...at, offerId: OfferId },
  /** Its host lost too much collateral. */
  ContractFailed: { ...at, offerId: OfferId },
  ProofSubmitted: { ...at, offerId: OfferId, proof: Schema.Uint8Array },
  /** Blocks from `blockNumber` on were replaced: events from there on are void and follow anew. */
  ChainReorganised: { blockNumber: Schema.BigInt },
})
export type OfferEvent = typeof OfferEvent.Type
