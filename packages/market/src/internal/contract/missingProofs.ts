import type { Address, Period, SlotId } from "@pecia/contracts-abi"
import { HashSet, Result } from "effect"
import {
  PeriodNotEnded,
  ProofAlreadyMarked,
  ProofNotMissing,
  ProofNotRequired,
  ValidationTimedOut,
} from "../../MarketError.ts"
import { type Call, ensure, type Outcome, proofsOf, setProofs } from "./call.ts"
import { collateralOf, slash } from "./collateral.ts"
import { isProofRequiredIn, type ProofTerms } from "./proofs.ts"
import { add, multiply } from "./uint256.ts"

export type NotMissed = PeriodNotEnded | ValidationTimedOut | ProofNotMissing | ProofNotRequired | ProofAlreadyMarked

/**
 * Section 2.7, of a slot that its host keeps. Anyone may call it. Whether the proof was due is asked of the block of this call. Every
 * so many misses cost a part of the host's collateral; answers whether it has too little left now to keep the slot.
 */
export const recordMiss = (
  call: Call,
  slotId: SlotId,
  host: Address,
  period: Period,
  terms: ProofTerms,
): Outcome<boolean, NotMissed> =>
  Result.gen(function* () {
    const { period: seconds, timeout } = call.config.proofs
    const { timestamp: now } = call.block
    const end = yield* multiply(yield* add(period, 1n), seconds)
    yield* ensure(end < now, () => new PeriodNotEnded({ slotId, period }))
    yield* ensure(now < (yield* add(end, timeout)), () => new ValidationTimedOut({ slotId, period }))
    const { missed, missing, received } = proofsOf(call, slotId)
    yield* ensure(!HashSet.has(received, period), () => new ProofNotMissing({ slotId, period }))
    yield* ensure(isProofRequiredIn(call, slotId, period, terms), () => new ProofNotRequired({ slotId, period }))
    yield* ensure(!HashSet.has(missing, period), () => new ProofAlreadyMarked({ slotId, period }))
    setProofs(call, slotId, { missed: missed + 1n, missing: HashSet.add(missing, period) })

    const { minimumAmount, slashCriterion } = call.config.collateral
    if ((missed + 1n) % slashCriterion !== 0n) return false
    yield* slash(call, host)
    return collateralOf(call, host) < minimumAmount
  })
