import { type RequestId, type SlotId, slotId } from "@pecia/contracts-abi"

/** The name under which the space and the blocks of an open request are kept: its one slot has index 0. */
export const bidVolume = (requestId: RequestId): SlotId => slotId(requestId, 0n)
