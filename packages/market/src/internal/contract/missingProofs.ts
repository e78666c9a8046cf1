import type { Period, SlotId } from "@pecia/contracts-abi"
import { HashSet, Result } from "effect"
import {
  PeriodNotEnded,
  ProofAlreadyMarked,
  ProofNotMissing,
  ProofNotRequired,
  SlotNotAcceptingProofs,
  ValidationTimedOut,
} from "../../MarketError.ts"
import { type Call, ensure, type Outcome, proofsOf, setProofs, slotOf } from "./call.ts"
import { collateralOf, slash } from "./collateral.ts"
import { slotState } from "./derived.ts"
import { isProofRequiredIn } from "./proofs.ts"
import { loseSlot } from "./slots.ts"
import { add, multiply, uint256 } from "./uint256.ts"

/** Section 2.7. Anyone may call it. Whether the proof was due is asked of the block of this call. */
export const markProofAsMissing = (
  call: Call,
  slotId: SlotId,
  period: Period,
): Outcome<
  void,
  SlotNotAcceptingProofs | PeriodNotEnded | ValidationTimedOut | ProofNotMissing | ProofNotRequired | ProofAlreadyMarked
> =>
  Result.gen(function* () {
    yield* uint256(period)
    const slot = slotOf(call, slotId)
    yield* ensure(slotState(call, slot) === "Filled", () => new SlotNotAcceptingProofs({ slotId }))
    const { period: seconds, timeout } = call.config.proofs
    const { timestamp: now } = call.block
    const end = yield* multiply(yield* add(period, 1n), seconds)
    yield* ensure(end < now, () => new PeriodNotEnded({ slotId, period }))
    yield* ensure(now < (yield* add(end, timeout)), () => new ValidationTimedOut({ slotId, period }))
    const { missed, missing, received } = proofsOf(call, slotId)
    yield* ensure(!HashSet.has(received, period), () => new ProofNotMissing({ slotId, period }))
    yield* ensure(isProofRequiredIn(call, slotId, period), () => new ProofNotRequired({ slotId, period }))
    yield* ensure(!HashSet.has(missing, period), () => new ProofAlreadyMarked({ slotId, period }))
    setProofs(call, slotId, { missed: missed + 1n, missing: HashSet.add(missing, period) })
    yield* punish(call, slotId)
  })

/** Every so many misses of the slot cost a part of the host's collateral; too little of it left costs the slot. */
const punish = (call: Call, slotId: SlotId): Outcome<void> =>
  Result.gen(function* () {
    const { minimumAmount, slashCriterion } = call.config.collateral
    const { host } = slotOf(call, slotId)
    if (proofsOf(call, slotId).missed % slashCriterion !== 0n) return
    yield* slash(call, host)
    if (collateralOf(call, host) < minimumAmount) yield* loseSlot(call, slotId)
  })
