import { RequestId, SlotId, StorageAsk } from "@pecia/contracts-abi"
import { Schema } from "effect"

/** Where an event stands on the chain. */
const at = { blockNumber: Schema.BigInt, logIndex: Schema.Int }

/** The events of the contract (interface, section 5), and what a reader of a chain has to know besides. */
export const MarketEvent = Schema.TaggedUnion({
  StorageRequested: { ...at, requestId: RequestId, ask: StorageAsk },
  RequestFulfilled: { ...at, requestId: RequestId },
  RequestFailed: { ...at, requestId: RequestId },
  RequestCancelled: { ...at, requestId: RequestId },
  SlotFilled: { ...at, requestId: RequestId, slotIndex: Schema.BigInt, slotId: SlotId },
  SlotFreed: { ...at, requestId: RequestId, slotId: SlotId },
  ProofSubmitted: { ...at, slotId: SlotId, proof: Schema.Uint8Array },
  /** Blocks from `blockNumber` on were replaced: events from there on are void and follow anew. */
  ChainReorganised: { blockNumber: Schema.BigInt },
})
export type MarketEvent = typeof MarketEvent.Type
