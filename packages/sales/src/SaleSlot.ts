import { type RequestId, type SlotId, StorageRequest, slotId } from "@pecia/contracts-abi"

/** One slot of a request. */
export interface SaleSlot {
  readonly requestId: RequestId
  readonly request: StorageRequest
  readonly slotIndex: bigint
  readonly slotId: SlotId
}

export const SaleSlot = {
  of: (request: StorageRequest, slotIndex: bigint, requestId: RequestId = StorageRequest.id(request)): SaleSlot => ({
    requestId,
    request,
    slotIndex,
    slotId: slotId(requestId, slotIndex),
  }),
}
