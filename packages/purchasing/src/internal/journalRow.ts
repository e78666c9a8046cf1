import { RequestId, StorageRequest } from "@pecia/contracts-abi"
import { BigInt as BigInts, Result, Schema } from "effect"
import type { PurchaseRecord } from "../PurchaseJournal.ts"
import { PurchaseOutcome } from "../PurchaseOutcome.ts"
import { PurchaseState } from "../PurchaseState.ts"

/** The names under which states that go on are stored. */
export const openNames = ["Pending", "Submitted", "Started", "Refunding"] as const
export const endNames = ["Finished", "Cancelled", "Failed", "Errored"] as const

const Row = Schema.Struct({
  id: RequestId,
  request: Schema.Uint8Array,
  endsNoSooner: Schema.BigInt,
  state: Schema.Literals([...openNames, ...endNames]),
  detail: Schema.NullOr(Schema.String),
})
const decodeRow = Schema.decodeUnknownResult(Row)

export const columns = `id, request, ends_no_sooner AS "endsNoSooner", state, detail`

const stateOf = ({ state, detail }: typeof Row.Type): PurchaseState => {
  switch (state) {
    case "Pending":
    case "Submitted":
    case "Started":
    case "Refunding":
      return PurchaseState[state]()
    case "Finished":
    case "Cancelled":
    case "Failed":
      return PurchaseState.Ended({ outcome: PurchaseOutcome[state]() })
    case "Errored":
      return PurchaseState.Ended({ outcome: PurchaseOutcome.Errored({ detail: detail ?? "" }) })
  }
}

/** Reads a row; otherwise says what is wrong with it. */
export const decodeRecord = (row: unknown): Result.Result<PurchaseRecord, string> =>
  Result.gen(function* () {
    const decoded = yield* Result.mapError(decodeRow(row), ({ message }) => message)
    const request = yield* Result.mapError(StorageRequest.decode(decoded.request), ({ message }) => message)
    const { id, endsNoSooner } = decoded
    if (StorageRequest.id(request) !== id) return yield* Result.fail("its request has another id")
    return { id, request, endsNoSooner, state: stateOf(decoded) }
  })

const largestInteger = 2n ** 63n - 1n

export const rowOf = ({ id, request, endsNoSooner, state }: PurchaseRecord) => ({
  id,
  request: StorageRequest.encode(request),
  // A lower bound stays one when it is lowered.
  ends_no_sooner: BigInts.min(endsNoSooner, largestInteger),
  state: state._tag === "Ended" ? state.outcome._tag : state._tag,
  detail: state._tag === "Ended" && state.outcome._tag === "Errored" ? state.outcome.detail : null,
})
