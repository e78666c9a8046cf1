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
import {
  accountOf,
  type Call,
  emit,
  ensure,
  type Outcome,
  requestOf,
  setAccount,
  setRequest,
  setSlot,
  slotOf,
} from "./call.ts"
import { collateralOf } from "./collateral.ts"
import { slotState } from "./derived.ts"
import { startRequiringProofs, submitProof } from "./proofs.ts"
import { known, leaveMyRequests, payFromFunds, pricePerSlot } from "./requests.ts"
import type { RequestRecord } from "./state.ts"
import { add, Panic, subtract, uint256 } from "./uint256.ts"

const leaveMySlots = (call: Call, host: Address, slotId: SlotId): void =>
  setAccount(call, host, { slots: HashSet.remove(accountOf(call, host).slots, slotId) })

/** Section 2.3. The collateral is looked at, not reserved. */
export const fillSlot = (
  call: Call,
  requestId: RequestId,
  slotIndex: bigint,
  proof: Uint8Array,
): Outcome<
  void,
  UnknownRequest | InvalidSlot | SlotNotFree | InsufficientCollateral | InvalidProof | ProofAlreadySubmitted
> =>
  Result.gen(function* () {
    const { sender } = call
    yield* uint256(slotIndex)
    const { request } = yield* known(call, requestId)
    yield* ensure(slotIndex < request.ask.slots, () => new InvalidSlot({ requestId, slotIndex }))
    const slotId = slotIdOf(requestId, slotIndex)
    setSlot(call, slotId, { requestId: Option.some(requestId), slotIndex })
    yield* ensure(slotState(call, slotOf(call, slotId)) === "Free", () => new SlotNotFree({ slotId }))
    const suffices = collateralOf(call, sender) >= call.config.collateral.initialAmount
    yield* ensure(suffices, () => new InsufficientCollateral({ account: sender }))
    startRequiringProofs(call, slotId, request.ask.proofProbability)
    yield* submitProof(call, slotId, proof)
    setSlot(call, slotId, { host: sender, state: "Filled" })
    setAccount(call, sender, { slots: HashSet.add(accountOf(call, sender).slots, slotId) })
    emit(call, { _tag: "SlotFilled", requestId, slotIndex, slotId })
    yield* countFilledSlot(call, requestId)
  })

/** Fires again when the last free slot of a started request is filled anew. */
const countFilledSlot = (call: Call, requestId: RequestId): Outcome<void, UnknownRequest> =>
  Result.gen(function* () {
    const record = yield* known(call, requestId)
    const slotsFilled = yield* add(record.slotsFilled, 1n)
    const complete = slotsFilled === record.request.ask.slots
    setRequest(call, requestId, { ...record, slotsFilled, state: complete ? "Started" : record.state })
    if (complete) emit(call, { _tag: "RequestFulfilled", requestId })
  })

/** Section 2.4. */
export const freeSlot = (call: Call, slotId: SlotId): Outcome<void, SlotIsFree | SlotFilledByOtherHost | AlreadyPaid> =>
  Result.gen(function* () {
    const slot = slotOf(call, slotId)
    yield* ensure(slot.state !== "Free", () => new SlotIsFree({ slotId }))
    yield* ensure(slot.host === call.sender, () => new SlotFilledByOtherHost({ slotId }))
    switch (slotState(call, slot)) {
      case "Paid":
        return yield* Result.fail(new AlreadyPaid({ slotId }))
      case "Finished":
        return yield* payOut(call, slotId)
      case "Failed":
        return leaveMySlots(call, call.sender, slotId)
      case "Filled":
        return yield* forciblyFree(call, slotId)
      case "Free":
        return
    }
  })

/** The whole price of a slot, however late it was filled, and also when its request was cancelled (section 6, hole 1). */
const payOut = (call: Call, slotId: SlotId): Outcome<void> =>
  Result.gen(function* () {
    const { host } = slotOf(call, slotId)
    const { record, requestId } = yield* requestOfSlot(call, slotId)
    setRequest(call, requestId, { ...record, state: "Finished" })
    leaveMyRequests(call, record.request.client, requestId)
    leaveMySlots(call, host, slotId)
    setSlot(call, slotId, { state: "Paid" })
    yield* payFromFunds(call, host, yield* pricePerSlot(record.request.ask))
  })

/** Section 2.5. The missed count of the slot stays (section 6, hole 5). */
export const forciblyFree = (call: Call, slotId: SlotId): Outcome<void> =>
  Result.gen(function* () {
    const { record, requestId } = yield* requestOfSlot(call, slotId)
    const { maxSlotLoss, slots } = record.request.ask
    leaveMySlots(call, slotOf(call, slotId).host, slotId)
    setSlot(call, slotId, { state: "Free", host: zeroAddress, requestId: Option.none() })
    const slotsFilled = yield* subtract(record.slotsFilled, 1n)
    emit(call, { _tag: "SlotFreed", requestId, slotId })
    const failed = slots - slotsFilled > maxSlotLoss && record.state === "Started"
    if (!failed) return setRequest(call, requestId, { ...record, slotsFilled })
    const endsAt = yield* subtract(call.block.timestamp, 1n)
    setRequest(call, requestId, { ...record, slotsFilled, state: "Failed", endsAt })
    emit(call, { _tag: "RequestFailed", requestId })
  })

const requestOfSlot = (
  call: Call,
  slotId: SlotId,
): Outcome<{ readonly requestId: RequestId; readonly record: RequestRecord }> => {
  const bound = Option.flatMap(slotOf(call, slotId).requestId, (requestId) =>
    Option.map(requestOf(call, requestId), (record) => ({ requestId, record })),
  )
  return Result.fromOption(bound, () => new Panic({ detail: `panic: slot ${slotId} belongs to no request` }))
}

export const getActiveSlot = (
  call: Call,
  slotId: SlotId,
): Option.Option<{ readonly request: StorageRequest; readonly slotIndex: bigint }> => {
  const { slotIndex, state } = slotOf(call, slotId)
  if (state === "Free") return Option.none()
  return Option.map(Result.getSuccess(requestOfSlot(call, slotId)), ({ record }) => ({
    request: record.request,
    slotIndex,
  }))
}
