import type { RequestId } from "@pecia/contracts-abi"
import { Effect, Option } from "effect"
import type { PurchaseJournal, PurchaseRecord } from "../PurchaseJournal.ts"

export const makeMemory = (): PurchaseJournal["Service"] => {
  const records = new Map<RequestId, PurchaseRecord>()
  const all = Effect.sync(() => Array.from(records.values()))
  return {
    save: (record) => Effect.sync(() => void records.set(record.id, record)),
    get: (id) => Effect.sync(() => Option.fromUndefinedOr(records.get(id))),
    all,
    open: Effect.map(all, (found) => found.filter(({ state }) => state._tag !== "Ended")),
  }
}
