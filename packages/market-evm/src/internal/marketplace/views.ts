import {
  RequestId,
  RequestState,
  type RevertReason,
  SlotId,
  SlotState,
  StorageRequest,
  zeroAddress,
} from "@pecia/contracts-abi"
import { type Market, UnknownRequest } from "@pecia/market"
import { Effect, Option, Result, Schema } from "effect"
import { explain, reasonOf } from "../abi.ts"
import { commonViewsOf } from "../commonViews.ts"
import { address, type OpenContract, type Reader, uint } from "../openContract.ts"

const requestIds = Schema.decodeUnknownResult(Schema.Array(RequestId))
const slotIds = Schema.decodeUnknownResult(Schema.Array(SlotId))
const requestStateOf: Reader<RequestState> = (value) => Result.flatMap(uint(value), RequestState.fromAbi)
const slotStateOf: Reader<SlotState> = (value) => Result.flatMap(uint(value), SlotState.fromAbi)

type Views = Pick<
  Market["Service"],
  | "config"
  | "options"
  | "collateral"
  | "tokens"
  | "getRequest"
  | "requestState"
  | "requestEnd"
  | "slotState"
  | "getHost"
  | "getActiveSlot"
  | "myRequests"
  | "mySlots"
  | "missingProofs"
  | "getPointer"
  | "getChallenge"
  | "isProofRequired"
  | "willProofBeRequired"
>

/** What the marketplace answers in the state of the newest block. */
export const viewsOf = (marketplace: OpenContract): Views => {
  const { contract } = marketplace
  /** Reads with `read`; the revert `reason` says that there is nothing to be read. */
  const optional = <A>(read: Reader<A>, call: string, id: string, reason: RevertReason) =>
    contract.tryRead(read, call, [id]).pipe(
      Effect.map(Option.some),
      Effect.catchTag("CallReverted", (reverted) =>
        Option.contains(reasonOf(reverted), reason) ? Effect.succeedNone : Effect.fail(explain(call, reverted)),
      ),
    )
  const activeSlot: Reader<{ readonly request: StorageRequest; readonly slotIndex: bigint }> = (members) =>
    Result.gen(function* () {
      const [request, slotIndex] = yield* Schema.decodeUnknownResult(Schema.Tuple([Schema.Unknown, Schema.BigInt]))(
        members,
      )
      return { request: yield* StorageRequest.fromAbi(request), slotIndex }
    })

  return {
    ...commonViewsOf(marketplace),
    getRequest: (id) => optional(StorageRequest.fromAbi, "getRequest", id, "Unknown request"),
    requestState: (id) => optional(requestStateOf, "requestState", id, "Unknown request"),
    requestEnd: (id) =>
      Effect.flatMap(optional(uint, "requestEnd", id, "Unknown request"), (end) =>
        Effect.fromResult(Result.fromOption(end, () => new UnknownRequest({ requestId: id }))),
      ),
    slotState: (id) => contract.read(slotStateOf, "slotState", [id]),
    getHost: (id) =>
      Effect.map(
        contract.read(address, "getHost", [id]),
        Option.liftPredicate((host) => host !== zeroAddress),
      ),
    getActiveSlot: (id) => optional(activeSlot, "getActiveSlot", id, "Slot is free"),
    myRequests: contract.read(requestIds, "myRequests"),
    mySlots: contract.read(slotIds, "mySlots"),
  }
}
