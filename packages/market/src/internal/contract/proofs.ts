import { type Period, Periodicity, type SlotId } from "@pecia/contracts-abi"
import { HashSet, Option, Result } from "effect"
import { InvalidProof, ProofAlreadySubmitted } from "../../MarketError.ts"
import { keccak256Of } from "../keccak256.ts"
import { type Call, ensure, type Outcome, proofsOf, setProofs } from "./call.ts"

/** When proofs of a slot are due: in the periods after that of `start` and before that of `end`, about one in `probability`. */
export interface ProofTerms {
  /** Unix seconds. */
  readonly start: bigint
  /** Unix seconds. */
  readonly end: Option.Option<bigint>
  readonly probability: bigint
}

const periodOf = ({ config }: Call, time: bigint): Period =>
  Periodicity.periodOf({ seconds: config.proofs.period }, time)

/** The period of the block of this call. */
export const currentPeriod = (call: Call): Period => periodOf(call, call.block.timestamp)

/** A new host starts with no misses. */
export const startRequiringProofs = (call: Call, id: SlotId): void =>
  setProofs(call, id, { missed: 0n, missing: HashSet.empty() })

/** These contracts have no verifier: any bytes are a proof. One a period, whoever was the host at the time. */
export const receiveProof = (
  call: Call,
  id: SlotId,
  proof: Uint8Array,
): Outcome<void, InvalidProof | ProofAlreadySubmitted> =>
  Result.gen(function* () {
    yield* ensure(proof.length > 0, () => new InvalidProof({ slotId: id }))
    const { received } = proofsOf(call, id)
    const period = currentPeriod(call)
    yield* ensure(!HashSet.has(received, period), () => new ProofAlreadySubmitted({ slotId: id }))
    setProofs(call, id, { received: HashSet.add(received, period) })
  })

// When a proof is due (section 4).

/** Rises with every block within a period; where it stands in another period is not related, so no rate of blocks keeps it in the downtime. */
export const pointerAt = (call: Call, id: SlotId, period: Period): bigint =>
  (call.block.number + keccak256Of(BigInt(id), period)) % 256n

/** There are more blocks than pointers: the contract is deployed above block 256. */
export const challengeAt = (call: Call, pointer: bigint): bigint =>
  keccak256Of(call.blockHash(call.block.number - 1n - pointer))

/** Whether chance has picked the slot in a period of its terms. Downtime is made up for by a higher probability. */
const isDrawn = (call: Call, id: SlotId, period: Period, { end, probability, start }: ProofTerms): boolean => {
  const isOver = Option.exists(end, (time) => period >= periodOf(call, time))
  if (period <= periodOf(call, start) || isOver) return false
  const oneIn = (probability * (256n - call.config.proofs.downtime)) / 256n
  return oneIn === 0n || challengeAt(call, pointerAt(call, id, period)) % oneIn === 0n
}

/** A pointer in its downtime names a block too recent to be safe, so nothing is due yet. */
const isInDowntime = (call: Call, id: SlotId, period: Period): boolean =>
  pointerAt(call, id, period) < call.config.proofs.downtime

export const isProofRequiredIn = (call: Call, id: SlotId, period: Period, terms: ProofTerms): boolean =>
  isDrawn(call, id, period, terms) && !isInDowntime(call, id, period)

/** None: nobody has to prove anything now. */
export const isProofRequired = (call: Call, id: SlotId, terms: Option.Option<ProofTerms>): boolean =>
  Option.exists(terms, (terms) => isProofRequiredIn(call, id, currentPeriod(call), terms))

export const willProofBeRequired = (call: Call, id: SlotId, terms: Option.Option<ProofTerms>): boolean => {
  const period = currentPeriod(call)
  return Option.exists(terms, (terms) => isDrawn(call, id, period, terms) && isInDowntime(call, id, period))
}
