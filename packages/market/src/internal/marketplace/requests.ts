import {
  type Address,
  type RequestId,
  RequestLimits,
  type RequestRefusal,
  type RequestState,
  StorageAsk,
  StorageContent,
  StorageRequest,
} from "@pecia/contracts-abi"
import { BigInt as BigInts, HashSet, Option, Result } from "effect"
import {
  type InsufficientAllowance,
  type InsufficientBalance,
  InvalidClientAddress,
  InvalidState,
  RequestAlreadyExists,
  RequestNotTimedOut,
  RequestRefused,
  UnknownRequest,
} from "../../MarketError.ts"
import { accountOf, emit, ensure, type Outcome, setAccount } from "../contract/call.ts"
import { pay, pull } from "../contract/token.ts"
import { subtract } from "../contract/uint256.ts"
import { type MarketCall, type RequestRecord, requestOf, setRequest } from "./books.ts"
import { requestStateAt } from "./derived.ts"
import { leftForClient } from "./earnings.ts"

/** The record of a request, or the revert `Unknown request`. */
export const known = (call: MarketCall, requestId: RequestId): Outcome<RequestRecord, UnknownRequest> =>
  Result.fromOption(requestOf(call, requestId), () => new UnknownRequest({ requestId }))

export const leaveMyRequests = (call: MarketCall, client: Address, requestId: RequestId): void =>
  setAccount(call, client, { requests: HashSet.remove(accountOf(call, client).requests, requestId) })

/** Why the request can never work; the first reason counts. An expiry that has passed is accepted: the request is born cancelled. */
const refusalOf = ({ ask, content, expiry }: StorageRequest, now: bigint): RequestRefusal | undefined => {
  if (ask.slots === 0n || ask.slots > RequestLimits.slots) return "Invalid slots"
  if (ask.maxSlotLoss > ask.slots) return "Invalid max slot loss"
  if (ask.duration === 0n || ask.duration > RequestLimits.duration) return "Invalid duration"
  if (expiry >= now + ask.duration) return "Invalid expiry"
  if (ask.reward > RequestLimits.reward) return "Invalid reward"
  if (ask.slotSize > RequestLimits.slotSize) return "Invalid slot size"
  if (ask.proofProbability > RequestLimits.proofProbability) return "Invalid proof probability"
  if (StorageContent.byteLength(content) > RequestLimits.contentBytes) return "Request too large"
  return undefined
}

/** Section 2.2. Its end is fixed here and does not move when the request starts. */
export const requestStorage = (
  call: MarketCall,
  request: StorageRequest,
): Outcome<
  RequestId,
  InvalidClientAddress | RequestAlreadyExists | RequestRefused | InsufficientAllowance | InsufficientBalance
> =>
  Result.gen(function* () {
    const { sender } = call
    const { timestamp: now } = call.block
    yield* ensure(request.client === sender, () => new InvalidClientAddress({ account: sender }))
    const requestId = StorageRequest.id(request)
    yield* ensure(Option.isNone(requestOf(call, requestId)), () => new RequestAlreadyExists({ requestId }))
    const reason = refusalOf(request, now)
    if (reason !== undefined) return yield* Result.fail(new RequestRefused({ requestId, reason }))
    const endsAt = now + request.ask.duration
    setRequest(call, requestId, {
      request,
      state: "New",
      endsAt,
      failedAt: 0n,
      kept: HashSet.empty(),
      isRefunded: false,
    })
    setAccount(call, sender, { requests: HashSet.add(accountOf(call, sender).requests, requestId) })
    yield* pull(call, StorageAsk.price(request.ask))
    emit(call, { _tag: "StorageRequested", requestId, ask: request.ask })
    return requestId
  })

/** Section 2.8, and for whatever else no host earned. An unknown request has expiry zero and no client. */
export const withdrawFunds = (
  call: MarketCall,
  requestId: RequestId,
): Outcome<void, RequestNotTimedOut | InvalidClientAddress | InvalidState> =>
  Result.gen(function* () {
    const { block, sender } = call
    const found = requestOf(call, requestId)
    const expiry = Option.match(found, { onNone: () => 0n, onSome: ({ request }) => request.expiry })
    yield* ensure(block.timestamp > expiry, () => new RequestNotTimedOut({ requestId }))
    const record = yield* Result.fromOption(
      Option.filter(found, ({ request }) => request.client === sender),
      () => new InvalidClientAddress({ account: sender }),
    )
    const state = requestStateAt(record, block.timestamp)
    const left = leftForClient(call, record)
    const isOver = state === "Cancelled" || state === "Failed" || (state === "Finished" && left > 0n)
    yield* ensure(isOver && !record.isRefunded, () => new InvalidState({ requestId }))
    setRequest(call, requestId, { ...record, isRefunded: true })
    leaveMyRequests(call, sender, requestId)
    if (state === "Cancelled") emit(call, { _tag: "RequestCancelled", requestId })
    yield* pay(call, sender, left)
  })

export const requestState = (call: MarketCall, requestId: RequestId): Option.Option<RequestState> =>
  Option.map(requestOf(call, requestId), (record) => requestStateAt(record, call.block.timestamp))

/** Section 2.9: for a request that is over, the second before now at the latest; for one that failed, that before it did. */
export const requestEnd = (call: MarketCall, requestId: RequestId): Outcome<bigint, UnknownRequest> =>
  Result.gen(function* () {
    const record = yield* known(call, requestId)
    const now = call.block.timestamp
    switch (requestStateAt(record, now)) {
      case "New":
      case "Started":
        return record.endsAt
      case "Failed":
        return record.failedAt - 1n
      case "Cancelled":
      case "Finished":
        return BigInts.min(record.endsAt, yield* subtract(now, 1n))
    }
  })
