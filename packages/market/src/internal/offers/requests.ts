import {
  type ContractState,
  OpenRequest,
  OpenRequestLimits,
  type OpenRequestRefusal,
  type RequestId,
} from "@pecia/contracts-abi"
import { Option, Result } from "effect"
import {
  type InsufficientAllowance,
  type InsufficientBalance,
  InvalidClientAddress,
  InvalidState,
  RequestAlreadyExists,
  RequestNotTimedOut,
  UnknownRequest,
} from "../../MarketError.ts"
import { OpenRequestRefused } from "../../OfferError.ts"
import { emit, ensure, type Outcome } from "../contract/call.ts"
import { pay, pull } from "../contract/token.ts"
import { type OfferCall, type OpenRequestRecord, offerOf, requestOf, setRequest } from "./books.ts"
import { earnings, release } from "./contracts.ts"

/** The record of a request, or the revert `Unknown request`. */
export const known = (call: OfferCall, requestId: RequestId): Outcome<OpenRequestRecord, UnknownRequest> =>
  Result.fromOption(requestOf(call, requestId), () => new UnknownRequest({ requestId }))

/** Why the request can never work; the first reason counts. An expiry that has passed is accepted. */
const refusalOf = (request: OpenRequest): OpenRequestRefusal | undefined => {
  if (request.duration === 0n || request.duration > OpenRequestLimits.duration) return "Invalid duration"
  if (request.maxPrice > OpenRequestLimits.maxPrice) return "Invalid price"
  if (request.expiry > OpenRequestLimits.expiry) return "Invalid expiry"
  if (request.proofProbability > OpenRequestLimits.proofProbability) return "Invalid proof probability"
  return undefined
}

export const requestStorage = (
  call: OfferCall,
  request: OpenRequest,
): Outcome<
  RequestId,
  InvalidClientAddress | RequestAlreadyExists | OpenRequestRefused | InsufficientAllowance | InsufficientBalance
> =>
  Result.gen(function* () {
    const { sender } = call
    yield* ensure(request.client === sender, () => new InvalidClientAddress({ account: sender }))
    const requestId = OpenRequest.id(request)
    yield* ensure(Option.isNone(requestOf(call, requestId)), () => new RequestAlreadyExists({ requestId }))
    const reason = refusalOf(request)
    if (reason !== undefined) return yield* Result.fail(new OpenRequestRefused({ requestId, reason }))
    setRequest(call, requestId, { request, selected: Option.none(), isRefunded: false })
    yield* pull(call, request.maxPrice)
    emit(call, { _tag: "StorageRequested", requestId, request })
    return requestId
  })

/** What comes of the money of a request in each state of its contract: None, none was selected. */
const isRefundable: { readonly [State in ContractState]: boolean } = {
  None: true,
  Selected: true,
  Started: false,
  Finished: false,
  Failed: true,
  Released: false,
}

/**
 * The client gets what no host earns: of a request that expired before its contract started all that is left, of one whose contract
 * has failed the price without the host's share, at once. A host that did not start is free of the contract then.
 */
export const withdrawFunds = (
  call: OfferCall,
  requestId: RequestId,
): Outcome<void, UnknownRequest | RequestNotTimedOut | InvalidState> =>
  Result.gen(function* () {
    const record = yield* known(call, requestId)
    const { isRefunded, request, selected } = record
    const contract = Option.flatMap(selected, (id) => offerOf(call, id))
    const state = Option.match(contract, { onNone: (): ContractState => "None", onSome: ({ state }) => state })
    const isOver = state === "Failed" || call.block.timestamp >= request.expiry
    yield* ensure(isOver, () => new RequestNotTimedOut({ requestId }))
    yield* ensure(isRefundable[state] && !isRefunded, () => new InvalidState({ requestId }))
    setRequest(call, requestId, { ...record, isRefunded: true })
    if (Option.isNone(contract)) return yield* pay(call, request.client, request.maxPrice)
    if (state === "Selected") release(call, contract.value)
    yield* pay(call, request.client, contract.value.offer.price - earnings(contract.value, request))
  })
