import { Offer, OfferId, OpenRequest, RequestId } from "@pecia/contracts-abi"
import { OfferEvent } from "@pecia/market"
import { Result } from "effect"
import { getBytes } from "ethers"
import { offerMarket } from "../abi.ts"
import { decodeLog, type EventReaders } from "../decodeLog.ts"

const { cases } = OfferEvent

const readers: EventReaders<OfferEvent> = {
  StorageRequested: (at, [requestId, request]) =>
    cases.StorageRequested.make({
      ...at,
      requestId: RequestId.make(requestId),
      request: Result.getOrThrow(OpenRequest.fromAbi(request)),
    }),
  StorageOffered: (at, [offerId, offer]) =>
    cases.StorageOffered.make({
      ...at,
      offerId: OfferId.make(offerId),
      offer: Result.getOrThrow(Offer.fromAbi(offer)),
    }),
  OfferSelected: (at, [offerId, requestId]) =>
    cases.OfferSelected.make({ ...at, offerId: OfferId.make(offerId), requestId: RequestId.make(requestId) }),
  ContractStarted: (at, [offerId]) => cases.ContractStarted.make({ ...at, offerId: OfferId.make(offerId) }),
  ContractFinished: (at, [offerId]) => cases.ContractFinished.make({ ...at, offerId: OfferId.make(offerId) }),
  ContractFailed: (at, [offerId]) => cases.ContractFailed.make({ ...at, offerId: OfferId.make(offerId) }),
  ProofSubmitted: (at, [offerId, proof]) =>
    cases.ProofSubmitted.make({ ...at, offerId: OfferId.make(offerId), proof: getBytes(proof) }),
}

/** None: no event of the offer market, or not as its ABI has it. */
export const offerEventOfLog = decodeLog(offerMarket, readers)
