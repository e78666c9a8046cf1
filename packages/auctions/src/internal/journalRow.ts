import { Offer, OpenRequest, RequestId } from "@pecia/contracts-abi"
import { Option, Result, Schema } from "effect"
import type { AuctionRecord } from "../AuctionJournal.ts"
import { selectedIn } from "../AuctionName.ts"
import { AuctionOutcome } from "../AuctionOutcome.ts"
import { AuctionState } from "../AuctionState.ts"
import type { Candidate } from "../SelectingStrategy.ts"

/** The names under which states that go on are stored: a refund with its end. */
export const openNames = [
  "Pending",
  "Open",
  "Selected",
  "Started",
  "RefundingUnsold",
  "RefundingNotStarted",
  "RefundingFailed",
] as const
export const endNames = ["Finished", "Unsold", "NotStarted", "Failed", "Errored"] as const

const json = <S extends Schema.Constraint>(schema: S) => Schema.fromJsonString(Schema.toCodecJson(schema))

const Row = Schema.Struct({
  id: RequestId,
  request: json(OpenRequest),
  dataset: Schema.String,
  slot_index: Schema.BigInt,
  opened_at: Schema.BigInt,
  block: Schema.BigInt,
  state: Schema.Literals([...openNames, ...endNames]),
  since: Schema.BigInt,
  /** The offer that was selected. */
  offer: Schema.NullOr(json(Offer)),
  detail: Schema.NullOr(Schema.String),
})
type Row = typeof Row.Type
const decodeRow = Schema.decodeUnknownResult(Row)
const encodeRow = Schema.encodeSync(Row)

export const columns = Object.keys(Row.fields).join(", ")

const selectedOf = ({ offer, state }: Row): Result.Result<Candidate, string> =>
  offer === null
    ? Result.fail(`it is ${state}, but names no offer`)
    : Result.succeed({ offerId: Offer.id(offer), offer })

const stateOf = (row: Row): Result.Result<AuctionState, string> => {
  const selected = selectedOf(row)
  switch (row.state) {
    case "Pending":
    case "Open":
      return Result.succeed(AuctionState[row.state]())
    case "Selected":
      return Result.map(selected, AuctionState.Selected)
    case "Started":
      return Result.map(selected, AuctionState.Started)
    case "RefundingUnsold":
      return Result.succeed(AuctionState.Refunding({ end: { _tag: "Unsold" } }))
    case "RefundingNotStarted":
      return Result.map(selected, (candidate) => AuctionState.Refunding({ end: { _tag: "NotStarted", ...candidate } }))
    case "RefundingFailed":
      return Result.map(selected, (candidate) => AuctionState.Refunding({ end: { _tag: "Failed", ...candidate } }))
    case "Finished":
    case "NotStarted":
    case "Failed": {
      const outcome = AuctionOutcome[row.state]
      return Result.map(selected, (candidate) => AuctionState.Ended({ outcome: outcome(candidate) }))
    }
    case "Unsold":
      return Result.succeed(AuctionState.Ended({ outcome: AuctionOutcome.Unsold() }))
    case "Errored":
      return Result.succeed(AuctionState.Ended({ outcome: AuctionOutcome.Errored({ detail: row.detail ?? "" }) }))
  }
}

/** Reads a row; otherwise says what is wrong with it. */
export const decodeRecord = (row: unknown): Result.Result<AuctionRecord, string> =>
  Result.gen(function* () {
    const decoded = yield* Result.mapError(decodeRow(row), ({ message }) => message)
    const { block, dataset, id, opened_at: openedAt, request, since, slot_index } = decoded
    if (OpenRequest.id(request) !== id) return yield* Result.fail("its request has another id")
    const state = yield* stateOf(decoded)
    return { id, request, dataset, slotIndex: Number(slot_index), openedAt, block, state, since }
  })

const nameOf = (state: AuctionState): Row["state"] => {
  if (state._tag === "Refunding") return `Refunding${state.end._tag}`
  return state._tag === "Ended" ? state.outcome._tag : state._tag
}

export const rowOf = ({ block, dataset, id, openedAt, request, since, slotIndex, state }: AuctionRecord) =>
  encodeRow({
    id,
    request,
    dataset,
    slot_index: BigInt(slotIndex),
    opened_at: openedAt,
    block,
    state: nameOf(state),
    since,
    offer: Option.match(selectedIn(state), { onNone: () => null, onSome: ({ offer }) => offer }),
    detail: state._tag === "Ended" && state.outcome._tag === "Errored" ? state.outcome.detail : null,
  })
