import type { Period, SlotId } from "@pecia/contracts-abi"
import { Option, Result } from "effect"
import {
  type InvalidProof,
  type ProofAlreadySubmitted,
  SlotFilledByOtherHost,
  SlotIsFree,
  SlotNotAcceptingProofs,
} from "../../MarketError.ts"
import { ensure, type Outcome } from "../contract/call.ts"
import { type NotMissed, recordMiss } from "../contract/missingProofs.ts"
import type { ProofTerms } from "../contract/proofs.ts"
import { uint256 } from "../contract/uint256.ts"
import { type MarketCall, requestOf, slotOf } from "./books.ts"
import { slotState } from "./derived.ts"
import { acceptProof, loseSlot } from "./slots.ts"

/** Section 2.6, by the slot's host alone: in any state, required or not. */
export const submitProof = (
  call: MarketCall,
  slotId: SlotId,
  proof: Uint8Array,
): Outcome<void, SlotIsFree | SlotFilledByOtherHost | InvalidProof | ProofAlreadySubmitted> =>
  Result.gen(function* () {
    const { host, state } = slotOf(call, slotId)
    yield* ensure(state !== "Free", () => new SlotIsFree({ slotId }))
    yield* ensure(host === call.sender, () => new SlotFilledByOtherHost({ slotId }))
    yield* acceptProof(call, slotId, proof)
  })

/** None: the slot is not filled. */
export const proofTermsOf = (call: MarketCall, slotId: SlotId): Option.Option<ProofTerms> => {
  const slot = slotOf(call, slotId)
  if (slotState(call, slot) !== "Filled") return Option.none()
  return Option.map(
    Option.flatMap(slot.requestId, (id) => requestOf(call, id)),
    ({ request }) => ({ start: slot.filledAt, end: Option.none(), probability: request.ask.proofProbability }),
  )
}

/** Section 2.7. Too little collateral left costs the host the slot. */
export const markProofAsMissing = (
  call: MarketCall,
  slotId: SlotId,
  period: Period,
): Outcome<void, SlotNotAcceptingProofs | NotMissed> =>
  Result.gen(function* () {
    yield* uint256(period)
    const terms = yield* Result.fromOption(proofTermsOf(call, slotId), () => new SlotNotAcceptingProofs({ slotId }))
    const { host } = slotOf(call, slotId)
    if (yield* recordMiss(call, slotId, host, period, terms)) yield* loseSlot(call, slotId)
  })
