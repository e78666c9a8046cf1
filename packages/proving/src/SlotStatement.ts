import { OfferId, type OpenRequest, type SlotId, StorageRequest, slotId } from "@pecia/contracts-abi"
import { Result } from "effect"
import { ProofScheme, type UnusableScheme } from "./ProofScheme.ts"

/** What a proof shows: that whoever made it, after the challenge was known, had the slot's data. */
export interface SlotStatement {
  /** From `content.por` of the request. */
  readonly scheme: ProofScheme
  readonly slotSizeBytes: bigint
  readonly slots: bigint
  readonly slotIndex: bigint
  readonly slotId: SlotId
  /** 32 bytes as lower-case hex with 0x. */
  readonly challenge: string
}

export const SlotStatement = {
  /** What the proof of a request's slot has to show. */
  ofSlot: (
    request: StorageRequest,
    slotIndex: bigint,
    challenge: string,
  ): Result.Result<SlotStatement, UnusableScheme> =>
    Result.map(ProofScheme.decode(request.content.por), (scheme) => ({
      scheme,
      slotSizeBytes: request.ask.slotSize,
      slots: request.ask.slots,
      slotIndex,
      slotId: slotId(StorageRequest.id(request), slotIndex),
      challenge,
    })),

  /** What the proof of a contract has to show, which came of an offer on an open request. */
  ofContract: (request: OpenRequest, offerId: OfferId, challenge: string): SlotStatement => ({
    scheme: ProofScheme.ofOpenRequest(request),
    slotSizeBytes: request.size,
    slots: ProofScheme.openSlots,
    slotIndex: 1n,
    slotId: OfferId.slotId(offerId),
    challenge,
  }),
}
