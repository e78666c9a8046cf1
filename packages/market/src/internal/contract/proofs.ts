import { type Period, Periodicity, type SlotId } from "@pecia/contracts-abi"
import { HashSet, Option, Result } from "effect"
import { InvalidProof, ProofAlreadySubmitted, SlotFilledByOtherHost, SlotIsFree } from "../../MarketError.ts"
import { keccak256Of } from "../keccak256.ts"
import { type Call, emit, ensure, type Outcome, proofsOf, requestOf, setProofs, slotOf } from "./call.ts"
import { slotState } from "./derived.ts"

const periodOf = ({ config }: Call, time: bigint): Period =>
  Periodicity.periodOf({ seconds: config.proofs.period }, time)

/** The period of the block of this call. */
export const currentPeriod = (call: Call): Period => periodOf(call, call.block.timestamp)

/** A new host starts with no misses. */
export const startRequiringProofs = (call: Call, slotId: SlotId): void =>
  setProofs(call, slotId, { missed: 0n, missing: HashSet.empty() })

/** Section 2.6, by the slot's host alone: in any state, required or not. */
export const submitProof = (
  call: Call,
  slotId: SlotId,
  proof: Uint8Array,
): Outcome<void, SlotIsFree | SlotFilledByOtherHost | InvalidProof | ProofAlreadySubmitted> =>
  Result.gen(function* () {
    const { host, state } = slotOf(call, slotId)
    yield* ensure(state !== "Free", () => new SlotIsFree({ slotId }))
    yield* ensure(host === call.sender, () => new SlotFilledByOtherHost({ slotId }))
    yield* receiveProof(call, slotId, proof)
  })

/** This contract has no verifier: any bytes are a proof. One a period, whoever was the slot's host at the time. */
export const receiveProof = (
  call: Call,
  slotId: SlotId,
  proof: Uint8Array,
): Outcome<void, InvalidProof | ProofAlreadySubmitted> =>
  Result.gen(function* () {
    yield* ensure(proof.length > 0, () => new InvalidProof({ slotId }))
    const { received } = proofsOf(call, slotId)
    const period = currentPeriod(call)
    yield* ensure(!HashSet.has(received, period), () => new ProofAlreadySubmitted({ slotId }))
    setProofs(call, slotId, { received: HashSet.add(received, period) })
    emit(call, { _tag: "ProofSubmitted", slotId, proof })
  })

// When a proof is due (section 4).

/** Rises with every block within a period; where it stands in another period is not related, so no rate of blocks keeps it in the downtime. */
export const pointerAt = (call: Call, slotId: SlotId, period: Period): bigint =>
  (call.block.number + keccak256Of(BigInt(slotId), period)) % 256n

/** There are more blocks than pointers: the contract is deployed above block 256. */
export const challengeAt = (call: Call, pointer: bigint): bigint =>
  keccak256Of(call.blockHash(call.block.number - 1n - pointer))

const requirement = (call: Call, slotId: SlotId, period: Period): { required: boolean; pointer: bigint } => {
  const slot = slotOf(call, slotId)
  const none = { required: false, pointer: 0n }
  const request = Option.flatMap(slot.requestId, (id) => requestOf(call, id))
  if (Option.isNone(request) || slotState(call, slot) !== "Filled" || period <= periodOf(call, slot.filledAt))
    return none
  const pointer = pointerAt(call, slotId, period)
  const { proofProbability } = request.value.request.ask
  const oneIn = (proofProbability * (256n - call.config.proofs.downtime)) / 256n
  return { required: oneIn === 0n || challengeAt(call, pointer) % oneIn === 0n, pointer }
}

/** A pointer in its downtime names a block too recent to be safe, so nothing is due yet. */
export const isProofRequiredIn = (call: Call, slotId: SlotId, period: Period): boolean => {
  const { pointer, required } = requirement(call, slotId, period)
  return required && pointer >= call.config.proofs.downtime
}

export const isProofRequired = (call: Call, slotId: SlotId): boolean =>
  isProofRequiredIn(call, slotId, currentPeriod(call))

export const willProofBeRequired = (call: Call, slotId: SlotId): boolean => {
  const { pointer, required } = requirement(call, slotId, currentPeriod(call))
  return required && pointer < call.config.proofs.downtime
}
