import { StorageAsk } from "@pecia/contracts-abi"
import { type MarketCall, type RequestRecord, type SlotRecord, slotOf } from "./books.ts"

// Who gets which part of a request's price. It depends on what hosts stored, and not on who collects first.

/** How many seconds of a slot are paid for that its host kept until its request was cancelled, failed or finished. */
const secondsPaid = (
  { endsAt, failedAt, request, state }: RequestRecord,
  { filledAt, isEarly }: SlotRecord,
): bigint => {
  switch (state) {
    case "New":
      return request.expiry - filledAt
    case "Failed":
      return failedAt - filledAt
    case "Started":
      return isEarly ? request.ask.duration : endsAt - filledAt
  }
}

/** In token base units. */
export const earnings = (record: RequestRecord, slot: SlotRecord): bigint =>
  secondsPaid(record, slot) * record.request.ask.reward

/** What no host earns of the price of a request that is over, and the client has not taken back. */
export const leftForClient = (call: MarketCall, record: RequestRecord): bigint => {
  if (record.isRefunded) return 0n
  return Array.from(record.kept).reduce(
    (left, slotId) => left - earnings(record, slotOf(call, slotId)),
    StorageAsk.price(record.request.ask),
  )
}
