import { RequestId, SlotId, StorageAsk } from "@pecia/contracts-abi"
import { MarketEvent } from "@pecia/market"
import { Option, Result } from "effect"
import { type Result as Arguments, getBytes } from "ethers"
import type { Log } from "../Log.ts"
import { marketplace } from "./marketplace.ts"

type Place = { readonly blockNumber: bigint; readonly logIndex: number }
const { cases } = MarketEvent

const readers: Readonly<Record<string, (at: Place, args: Arguments) => MarketEvent>> = {
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
export const eventOfLog = ({ blockNumber, logIndex, topics, data }: Log): Option.Option<MarketEvent> =>
  Option.liftThrowable(() => {
    const log = marketplace.parseLog({ topics, data })
    const read = log === null ? undefined : readers[log.name]
    return log === null || read === undefined ? null : read({ blockNumber, logIndex: Number(logIndex) }, log.args)
  })().pipe(Option.flatMap(Option.fromNullOr))
