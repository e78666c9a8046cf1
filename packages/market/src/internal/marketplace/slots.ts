import {
  type Address,
  type RequestId,
  type SlotId,
  type StorageRequest,
  slotId as slotIdOf,
  zeroAddress,
} from "@pecia/contracts-abi"
import { HashSet, Option, Result } from "effect"
import {
  AlreadyPaid,
  InsufficientCollateral,
  type InvalidProof,
  InvalidSlot,
  type ProofAlreadySubmitted,
  SlotFilledByOtherHost,
  SlotIsFree,
  SlotNotFree,
  type UnknownRequest,
} from "../../MarketError.ts"
import { accountOf, emit, ensure, type Outcome, setAccount } from "../contract/call.ts"
import { coversOneMore } from "../contract/collateral.ts"
import { receiveProof, startRequiringProofs } from "../contract/proofs.ts"
import { pay } from "../contract/token.ts"
import { Revert, uint256 } from "../contract/uint256.ts"
import { type MarketCall, type RequestRecord, requestOf, setRequest, setSlot, slotOf } from "./books.ts"
import { requestStateAt, slotState } from "./derived.ts"
import { earnings, leftForClient } from "./earnings.ts"
import { known, leaveMyRequests } from "./requests.ts"

const leaveMySlots = (call: MarketCall, host: Address, slotId: SlotId): void =>
  setAccount(call, host, { slots: HashSet.remove(accountOf(call, host).slots, slotId) })

/** Section 2.3. The collateral is looked at, not reserved. */
export const fillSlot = (
  call: MarketCall,
  requestId: RequestId,
  slotIndex: bigint,
  proof: Uint8Array,
): Outcome<
  void,
  UnknownRequest | InvalidSlot | SlotNotFree | InsufficientCollateral | InvalidProof | ProofAlreadySubmitted
> =>
  Result.gen(function* () {
    const { block, sender } = call
    yield* uint256(slotIndex)
    const { request, state } = yield* known(call, requestId)
    yield* ensure(slotIndex < request.ask.slots, () => new InvalidSlot({ requestId, slotIndex }))
    const slotId = slotIdOf(requestId, slotIndex)
    setSlot(call, slotId, { requestId: Option.some(requestId), slotIndex })
    yield* ensure(slotState(call, slotOf(call, slotId)) === "Free", () => new SlotNotFree({ slotId }))
    yield* ensure(coversOneMore(call, sender), () => new InsufficientCollateral({ account: sender }))
    startRequiringProofs(call, slotId)
    yield* acceptProof(call, slotId, proof)
    setSlot(call, slotId, { host: sender, state: "Filled", filledAt: block.timestamp, isEarly: state === "New" })
    setAccount(call, sender, { slots: HashSet.add(accountOf(call, sender).slots, slotId) })
    emit(call, { _tag: "SlotFilled", requestId, slotIndex, slotId })
    yield* keepSlot(call, requestId, slotId)
  })

export const acceptProof = (
  call: MarketCall,
  slotId: SlotId,
  proof: Uint8Array,
): Outcome<void, InvalidProof | ProofAlreadySubmitted> =>
  Result.map(receiveProof(call, slotId, proof), () => emit(call, { _tag: "ProofSubmitted", slotId, proof }))

/** Fires again when the last free slot of a started request is filled anew. */
const keepSlot = (call: MarketCall, requestId: RequestId, slotId: SlotId): Outcome<void, UnknownRequest> =>
  Result.gen(function* () {
    const record = yield* known(call, requestId)
    const kept = HashSet.add(record.kept, slotId)
    const isComplete = BigInt(HashSet.size(kept)) === record.request.ask.slots
    setRequest(call, requestId, { ...record, kept, state: isComplete ? "Started" : record.state })
    if (isComplete) emit(call, { _tag: "RequestFulfilled", requestId })
  })

/** Section 2.4. */
export const freeSlot = (
  call: MarketCall,
  slotId: SlotId,
): Outcome<void, SlotIsFree | SlotFilledByOtherHost | AlreadyPaid> =>
  Result.gen(function* () {
    const slot = slotOf(call, slotId)
    yield* ensure(slot.state !== "Free", () => new SlotIsFree({ slotId }))
    yield* ensure(slot.host === call.sender, () => new SlotFilledByOtherHost({ slotId }))
    switch (slotState(call, slot)) {
      case "Paid":
        return yield* Result.fail(new AlreadyPaid({ slotId }))
      case "Finished":
      case "Failed":
        return yield* payOut(call, slotId)
      case "Filled":
        return yield* loseSlot(call, slotId)
      case "Free":
        return
    }
  })

/** A finished request of which nothing is left for its client is settled with the first payout, and leaves its client's list. */
const payOut = (call: MarketCall, slotId: SlotId): Outcome<void> =>
  Result.gen(function* () {
    const slot = slotOf(call, slotId)
    const { record, requestId } = yield* requestOfSlot(call, slotId)
    const isFinished = requestStateAt(record, call.block.timestamp) === "Finished"
    if (isFinished && leftForClient(call, record) === 0n) leaveMyRequests(call, record.request.client, requestId)
    leaveMySlots(call, slot.host, slotId)
    setSlot(call, slotId, { state: "Paid" })
    yield* pay(call, slot.host, earnings(record, slot))
  })

/** Section 2.5: takes a slot from its host before the end, unpaid. */
export const loseSlot = (call: MarketCall, slotId: SlotId): Outcome<void> =>
  Result.gen(function* () {
    const { record, requestId } = yield* requestOfSlot(call, slotId)
    const { maxSlotLoss, slots } = record.request.ask
    leaveMySlots(call, slotOf(call, slotId).host, slotId)
    setSlot(call, slotId, { state: "Free", host: zeroAddress, requestId: Option.none() })
    const kept = HashSet.remove(record.kept, slotId)
    emit(call, { _tag: "SlotFreed", requestId, slotId })
    const isLost = slots - BigInt(HashSet.size(kept)) > maxSlotLoss
    if (!isLost || record.state !== "Started") return setRequest(call, requestId, { ...record, kept })
    setRequest(call, requestId, { ...record, kept, state: "Failed", failedAt: call.block.timestamp })
    emit(call, { _tag: "RequestFailed", requestId })
  })

/** What `TestMarketplace` adds: takes a filled slot from its host, as if its collateral had been used up. */
export const forciblyFree = (call: MarketCall, slotId: SlotId): Outcome<void> =>
  slotState(call, slotOf(call, slotId)) === "Filled"
    ? loseSlot(call, slotId)
    : Result.fail(new Revert({ detail: "Slot is not filled" }))

const requestOfSlot = (
  call: MarketCall,
  slotId: SlotId,
): Outcome<{ readonly requestId: RequestId; readonly record: RequestRecord }> => {
  const bound = Option.flatMap(slotOf(call, slotId).requestId, (requestId) =>
    Option.map(requestOf(call, requestId), (record) => ({ requestId, record })),
  )
  return Result.fromOption(bound, () => new Revert({ detail: `panic: slot ${slotId} belongs to no request` }))
}

export const getActiveSlot = (
  call: MarketCall,
  slotId: SlotId,
): Option.Option<{ readonly request: StorageRequest; readonly slotIndex: bigint }> => {
  const { slotIndex, state } = slotOf(call, slotId)
  if (state === "Free") return Option.none()
  return Option.map(Result.getSuccess(requestOfSlot(call, slotId)), ({ record }) => ({
    request: record.request,
    slotIndex,
  }))
}
