import {
  type Address,
  type RequestId,
  type RequestState,
  type SlotId,
  type SlotState,
  type StorageRequest,
  zeroAddress,
} from "@pecia/contracts-abi"
import { HashMap, type HashSet, Option } from "effect"
import type { MarketEvent } from "../../MarketEvent.ts"
import { type Books, noBooks } from "../contract/books.ts"
import type { Call, WithoutPlace } from "../contract/call.ts"

/** All that the marketplace remembers (contract interface, section 1). */
export interface MarketBooks extends Books {
  readonly requests: HashMap.HashMap<RequestId, RequestRecord>
  readonly slots: HashMap.HashMap<SlotId, SlotRecord>
}

export type MarketLog = WithoutPlace<MarketEvent>

/** One call of the marketplace under way. */
export type MarketCall = Call<MarketBooks, MarketLog>

export interface RequestRecord {
  readonly request: StorageRequest
  /** The stored state; what a view answers is derived from it and the time (derived.ts). */
  readonly state: Extract<RequestState, "New" | "Started" | "Failed">
  /** Unix seconds: the time of the request plus its duration. */
  readonly endsAt: bigint
  /** Unix seconds of the call that made it fail; zero: it has not failed. */
  readonly failedAt: bigint
  /** The slots that hosts keep, and once the request is over those that they kept to the end, paid or not. */
  readonly kept: HashSet.HashSet<SlotId>
  /** Whether the client took back what no host earns. */
  readonly isRefunded: boolean
}

export interface SlotRecord {
  /** The stored state; what a view answers is derived from it and the request (derived.ts). */
  readonly state: Extract<SlotState, "Free" | "Filled" | "Paid">
  readonly requestId: Option.Option<RequestId>
  readonly slotIndex: bigint
  readonly host: Address
  /** Unix seconds. */
  readonly filledAt: bigint
  /** Whether it was filled before its request had started. */
  readonly isEarly: boolean
}

export const noMarketBooks: MarketBooks = { ...noBooks, requests: HashMap.empty(), slots: HashMap.empty() }

const noSlot: SlotRecord = {
  state: "Free",
  requestId: Option.none(),
  slotIndex: 0n,
  host: zeroAddress,
  filledAt: 0n,
  isEarly: false,
}

export const requestOf = (call: MarketCall, id: RequestId): Option.Option<RequestRecord> =>
  HashMap.get(call.books.requests, id)

export const setRequest = (call: MarketCall, id: RequestId, record: RequestRecord): void => {
  call.books = { ...call.books, requests: HashMap.set(call.books.requests, id, record) }
}

export const slotOf = (call: MarketCall, id: SlotId): SlotRecord =>
  Option.getOrElse(HashMap.get(call.books.slots, id), () => noSlot)

export const setSlot = (call: MarketCall, id: SlotId, change: Partial<SlotRecord>): void => {
  call.books = { ...call.books, slots: HashMap.set(call.books.slots, id, { ...slotOf(call, id), ...change }) }
}
