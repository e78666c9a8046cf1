import { type Address, type RequestId, type RequestState, type StorageAsk, StorageRequest } from "@pecia/contracts-abi"
import { BigInt as BigInts, HashSet, Option, Result } from "effect"
import {
  type InsufficientAllowance,
  type InsufficientBalance,
  InvalidClientAddress,
  InvalidState,
  RequestAlreadyExists,
  RequestNotTimedOut,
  UnknownRequest,
} from "../../MarketError.ts"
import { accountOf, type Call, emit, ensure, type Outcome, requestOf, setAccount, setRequest } from "./call.ts"
import { requestStateAt } from "./derived.ts"
import type { RequestRecord } from "./state.ts"
import { pay, pull } from "./token.ts"
import { add, multiply, subtract } from "./uint256.ts"

export const pricePerSlot = (ask: StorageAsk): Outcome<bigint> => multiply(ask.duration, ask.reward)

const price = (ask: StorageAsk): Outcome<bigint> =>
  Result.andThen(pricePerSlot(ask), (perSlot) => multiply(ask.slots, perSlot))

/** The record of a request, or the revert `Unknown request`. */
export const known = (call: Call, requestId: RequestId): Outcome<RequestRecord, UnknownRequest> =>
  Result.fromOption(requestOf(call, requestId), () => new UnknownRequest({ requestId }))

/** Pays out of the escrow of all requests (section 6). A pool that is short panics. */
export const payFromFunds = (call: Call, to: Address, amount: bigint): Outcome<void> =>
  Result.gen(function* () {
    const { received } = call.state.funds
    const sent = yield* add(call.state.funds.sent, amount)
    yield* subtract(received, sent)
    call.state = { ...call.state, funds: { received, sent } }
    yield* pay(call, to, amount)
  })

export const leaveMyRequests = (call: Call, client: Address, requestId: RequestId): void =>
  setAccount(call, client, { requests: HashSet.remove(accountOf(call, client).requests, requestId) })

/** Section 2.2. Its end is fixed here and does not move when the request starts. */
export const requestStorage = (
  call: Call,
  request: StorageRequest,
): Outcome<RequestId, InvalidClientAddress | RequestAlreadyExists | InsufficientAllowance | InsufficientBalance> =>
  Result.gen(function* () {
    const { sender } = call
    yield* ensure(request.client === sender, () => new InvalidClientAddress({ account: sender }))
    const requestId = StorageRequest.id(request)
    yield* ensure(Option.isNone(requestOf(call, requestId)), () => new RequestAlreadyExists({ requestId }))
    const endsAt = yield* add(call.block.timestamp, request.ask.duration)
    setRequest(call, requestId, { request, state: "New", slotsFilled: 0n, endsAt })
    setAccount(call, sender, { requests: HashSet.add(accountOf(call, sender).requests, requestId) })
    const amount = yield* price(request.ask)
    const received = yield* add(call.state.funds.received, amount)
    call.state = { ...call.state, funds: { ...call.state.funds, received } }
    yield* pull(call, amount)
    emit(call, { _tag: "StorageRequested", requestId, ask: request.ask })
    return requestId
  })

/** Section 2.8. An unknown request has expiry zero and no client, so it fails with `Invalid client address`. */
export const withdrawFunds = (
  call: Call,
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
    yield* ensure(record.state === "New", () => new InvalidState({ requestId }))
    setRequest(call, requestId, { ...record, state: "Cancelled" })
    leaveMyRequests(call, sender, requestId)
    emit(call, { _tag: "RequestCancelled", requestId })
    yield* payFromFunds(call, sender, yield* price(record.request.ask))
  })

export const requestState = (call: Call, requestId: RequestId): Option.Option<RequestState> =>
  Option.map(requestOf(call, requestId), (record) => requestStateAt(record, call.block.timestamp))

/** Section 2.9: for a request that is over, the second before now at the latest. */
export const requestEnd = (call: Call, requestId: RequestId): Outcome<bigint, UnknownRequest> =>
  Result.gen(function* () {
    const record = yield* known(call, requestId)
    const now = call.block.timestamp
    const state = requestStateAt(record, now)
    if (state === "New" || state === "Started") return record.endsAt
    return BigInts.min(record.endsAt, yield* subtract(now, 1n))
  })
