import type { RequestState, SlotState } from "@pecia/contracts-abi"
import { Option } from "effect"
import { type MarketCall, type RequestRecord, requestOf, type SlotRecord } from "./books.ts"

// What the stored states mean at a time (contract interface, section 3). Both limits are strict.

export const requestStateAt = (record: RequestRecord, time: bigint): RequestState => {
  if (record.state === "New" && time > record.request.expiry) return "Cancelled"
  if (record.state === "Started" && time > record.endsAt) return "Finished"
  return record.state
}

export const slotState = (call: MarketCall, slot: SlotRecord): SlotState => {
  const record = Option.flatMap(slot.requestId, (id) => requestOf(call, id))
  if (Option.isNone(record)) return "Free"
  if (slot.state === "Paid") return "Paid"
  switch (requestStateAt(record.value, call.block.timestamp)) {
    case "Cancelled":
    case "Finished":
      return "Finished"
    case "Failed":
      return "Failed"
    case "New":
    case "Started":
      return slot.state
  }
}
