import type { RequestId } from "@pecia/contracts-abi"
import { Effect, Option } from "effect"
import type { AuctionJournal, AuctionRecord } from "../AuctionJournal.ts"

export const makeMemory = (): AuctionJournal["Service"] => {
  const records = new Map<RequestId, AuctionRecord>()
  const all = Effect.sync(() => Array.from(records.values()))
  return {
    save: (...saved) =>
      Effect.sync(() => {
        for (const record of saved) records.set(record.id, record)
      }),
    get: (id) => Effect.sync(() => Option.fromUndefinedOr(records.get(id))),
    all,
    open: Effect.map(all, (found) => found.filter(({ state }) => state._tag !== "Ended")),
  }
}
