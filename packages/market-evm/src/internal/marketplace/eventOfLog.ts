import { RequestId, SlotId, StorageAsk } from "@pecia/contracts-abi"
import { MarketEvent } from "@pecia/market"
import { Result } from "effect"
import { getBytes } from "ethers"
import { marketplace } from "../abi.ts"
import { decodeLog, type EventReaders } from "../decodeLog.ts"

const { cases } = MarketEvent

const readers: EventReaders<MarketEvent> = {
  StorageRequested: (at, [requestId, ask]) =>
    cases.StorageRequested.make({
      ...at,
      requestId: RequestId.make(requestId),
      ask: Result.getOrThrow(StorageAsk.fromAbi(ask)),
    }),
  RequestFulfilled: (at, [requestId]) => cases.RequestFulfilled.make({ ...at, requestId: RequestId.make(requestId) }),
  RequestFailed: (at, [requestId]) => cases.RequestFailed.make({ ...at, requestId: RequestId.make(requestId) }),
  RequestCancelled: (at, [requestId]) => cases.RequestCancelled.make({ ...at, requestId: RequestId.make(requestId) }),
  SlotFilled: (at, [requestId, slotIndex, slotId]) =>
    cases.SlotFilled.make({ ...at, requestId: RequestId.make(requestId), slotIndex, slotId: SlotId.make(slotId) }),
  SlotFreed: (at, [requestId, slotId]) =>
    cases.SlotFreed.make({ ...at, requestId: RequestId.make(requestId), slotId: SlotId.make(slotId) }),
  ProofSubmitted: (at, [slotId, proof]) =>
    cases.ProofSubmitted.make({ ...at, slotId: SlotId.make(slotId), proof: getBytes(proof) }),
}

/** None: no event of the marketplace, or not as its ABI has it. */
export const eventOfLog = decodeLog(marketplace, readers)
