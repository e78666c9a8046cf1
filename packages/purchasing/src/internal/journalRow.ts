import { RequestId, StorageRequest } from "@pecia/contracts-abi"
import { Result, Schema } from "effect"
import type { PurchaseRecord } from "../PurchaseJournal.ts"
import { PurchaseOutcome, type Rest } from "../PurchaseOutcome.ts"
import { PurchaseState, type RequestEnd } from "../PurchaseState.ts"

/** The names under which states that go on are stored. */
export const openNames = ["Pending", "Submitted", "Started", "Refunding"] as const
export const endNames = ["Finished", "Cancelled", "Failed", "Errored"] as const

const Row = Schema.Struct({
  id: RequestId,
  request: Schema.Uint8Array,
  state: Schema.Literals([...openNames, ...endNames]),
  detail: Schema.NullOr(Schema.String),
})
const decodeRow = Schema.decodeUnknownResult(Row)

export const columns = "id, request, state, detail"

const ends: ReadonlyArray<RequestEnd> = ["Cancelled", "Finished", "Failed"]
const rests: ReadonlyArray<Rest> = ["PaidBack", "None", "Unknown"]

/** `detail` says more of some states; what older rows do not have of it is the first, or the least, that it can be. */
const stateOf = ({ state, detail }: typeof Row.Type): PurchaseState => {
  switch (state) {
    case "Pending":
    case "Submitted":
    case "Started":
      return PurchaseState[state]()
    case "Refunding":
      return PurchaseState.Refunding({ request: ends.find((end) => end === detail) ?? "Cancelled" })
    case "Finished":
    case "Failed": {
      const rest = rests.find((rest) => rest === detail) ?? "Unknown"
      return PurchaseState.Ended({ outcome: PurchaseOutcome[state]({ rest }) })
    }
    case "Cancelled":
      return PurchaseState.Ended({ outcome: PurchaseOutcome.Cancelled() })
    case "Errored":
      return PurchaseState.Ended({ outcome: PurchaseOutcome.Errored({ detail: detail ?? "" }) })
  }
}

/** Reads a row; otherwise says what is wrong with it. */
export const decodeRecord = (row: unknown): Result.Result<PurchaseRecord, string> =>
  Result.gen(function* () {
    const decoded = yield* Result.mapError(decodeRow(row), ({ message }) => message)
    const request = yield* Result.mapError(StorageRequest.decode(decoded.request), ({ message }) => message)
    const { id } = decoded
    if (StorageRequest.id(request) !== id) return yield* Result.fail("its request has another id")
    return { id, request, state: stateOf(decoded) }
  })

const detailOf = (state: PurchaseState): string | null => {
  if (state._tag === "Refunding") return state.request
  if (state._tag !== "Ended") return null
  return PurchaseOutcome.$match(state.outcome, {
    Finished: ({ rest }) => rest,
    Cancelled: () => null,
    Failed: ({ rest }) => rest,
    Errored: ({ detail }) => detail,
  })
}

export const rowOf = ({ id, request, state }: PurchaseRecord) => ({
  id,
  request: StorageRequest.encode(request),
  state: state._tag === "Ended" ? state.outcome._tag : state._tag,
  detail: detailOf(state),
})
