import type { Period, SlotId } from "@pecia/contracts-abi"
import { HashSet, Result } from "effect"
import { InvalidProof, ProofAlreadySubmitted } from "../../MarketError.ts"
import { keccak256Of } from "../keccak256.ts"
import { type Call, emit, ensure, type Outcome, proofsOf, setProofs, slotOf } from "./call.ts"
import { slotState } from "./derived.ts"
import { divide, multiply, remainder, subtract } from "./uint256.ts"

/** Panics where the marketplace was made with periods of no length, which its constructor does not check. */
const periodOf = ({ config }: Call, time: bigint): Outcome<Period> => divide(time, config.proofs.period)

/** The period of the block of this call. */
export const currentPeriod = (call: Call): Outcome<Period> => periodOf(call, call.block.timestamp)

/** The missed count is not reset (section 6, hole 5). */
export const startRequiringProofs = (call: Call, slotId: SlotId, probability: bigint): void =>
  setProofs(call, slotId, { startedAt: call.block.timestamp, probability })

/** Section 2.6. Anyone may call it, for any id, in any state (section 6, hole 6). */
export const submitProof = (
  call: Call,
  slotId: SlotId,
  proof: Uint8Array,
): Outcome<void, InvalidProof | ProofAlreadySubmitted> =>
  Result.gen(function* () {
    yield* ensure(proof.length > 0, () => new InvalidProof({ slotId }))
    const { received } = proofsOf(call, slotId)
    const period = yield* currentPeriod(call)
    yield* ensure(!HashSet.has(received, period), () => new ProofAlreadySubmitted({ slotId }))
    setProofs(call, slotId, { received: HashSet.add(received, period) })
    emit(call, { _tag: "ProofSubmitted", slotId, proof })
  })

// When a proof is due (section 4).

/** In a chain in memory the hash of a block follows from its number alone, so that every run sees the same challenges. */
const blockHash = (number: bigint): bigint => keccak256Of(number)

export const pointerAt = (call: Call, slotId: SlotId, period: Period): bigint =>
  (call.block.number + period + BigInt(slotId)) % 256n

export const challengeAt = (call: Call, pointer: bigint): Outcome<bigint> =>
  Result.map(subtract(call.block.number, 1n + pointer), (number) => keccak256Of(blockHash(number)))

const requirement = (call: Call, slotId: SlotId, period: Period): Outcome<{ required: boolean; pointer: bigint }> =>
  Result.gen(function* () {
    const { startedAt, probability } = proofsOf(call, slotId)
    const { downtime } = call.config.proofs
    const filledIn = yield* periodOf(call, startedAt)
    if (slotState(call, slotOf(call, slotId)) !== "Filled" || period <= filledIn)
      return { required: false, pointer: 0n }
    const pointer = pointerAt(call, slotId, period)
    const challenge = yield* challengeAt(call, pointer)
    const oneIn = (yield* multiply(probability, 256n - downtime)) / 256n
    const required = oneIn === 0n || (yield* remainder(challenge, oneIn)) === 0n
    return { required, pointer }
  })

/** A pointer in its downtime names a block too recent to be safe, so nothing is due yet. */
export const isProofRequiredIn = (call: Call, slotId: SlotId, period: Period): Outcome<boolean> =>
  Result.map(
    requirement(call, slotId, period),
    ({ required, pointer }) => required && pointer >= call.config.proofs.downtime,
  )

export const isProofRequired = (call: Call, slotId: SlotId): Outcome<boolean> =>
  Result.flatMap(currentPeriod(call), (period) => isProofRequiredIn(call, slotId, period))

export const willProofBeRequired = (call: Call, slotId: SlotId): Outcome<boolean> =>
  Result.map(
    Result.flatMap(currentPeriod(call), (period) => requirement(call, slotId, period)),
    ({ required, pointer }) => required && pointer < call.config.proofs.downtime,
  )
