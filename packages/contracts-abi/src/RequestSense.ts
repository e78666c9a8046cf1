import { Schema } from "effect"
import type { MarketplaceConfig } from "./MarketplaceConfig.ts"
import { RequestLimits } from "./RequestLimits.ts"
import { StorageContent } from "./StorageContent.ts"
import type { StorageRequest } from "./StorageRequest.ts"

const FlawName = Schema.Literals([
  "NoSlots",
  "TooManySlots",
  "NoSize",
  "UnevenSize",
  "SizeTooLarge",
  "NoDuration",
  "NoReward",
  "RewardTooLarge",
  "NoProofProbability",
  "ProofProbabilityTooLarge",
  "TooManySlotLosses",
  "DurationTooLarge",
  "DurationTooShort",
  "AlreadyExpired",
  "ExpiresTooLate",
  "ContentTooLarge",
])

/** A reason why a request cannot work, or not as anyone would want it, whether or not the contract refuses it. */
export const RequestFlaw = Schema.Struct({
  flaw: FlawName,
  /** A sentence for people. */
  message: Schema.String,
})
export type RequestFlaw = typeof RequestFlaw.Type

/** What a request is held against. */
export interface Circumstances {
  /** Unix seconds of the latest block. */
  readonly now: bigint
  /** Unix seconds at which the request ends, once it is on the chain; default: `now` + duration, as if it were requested now. */
  readonly endsAt?: bigint | undefined
  /** The contract's constants; without them its period is not looked at. */
  readonly config?: MarketplaceConfig | undefined
}

/** Slots consist of whole blocks of so many bytes. */
const blockSize = 65_536n

/** The flaws of a request; none: it makes sense. Takes the same time whatever numbers the request names. */
export const flawsOf = (
  request: StorageRequest,
  { now, endsAt = now + request.ask.duration, config }: Circumstances,
): ReadonlyArray<RequestFlaw> => {
  const { ask, expiry } = request
  const { slots, slotSize, duration, proofProbability, reward, maxSlotLoss } = ask
  const period = config?.proofs.period ?? 0n
  const contentBytes = StorageContent.byteLength(request.content)
  const checks: { readonly [Name in typeof FlawName.Type]: readonly [holds: boolean, message: string] } = {
    NoSlots: [slots === 0n, "The request has no slots; ask for at least one."],
    TooManySlots: [
      slots > RequestLimits.slots,
      `The request asks for ${slots} slots; the contract takes at most ${RequestLimits.slots}.`,
    ],
    NoSize: [slotSize === 0n, "The slots have no size; there is nothing to store."],
    UnevenSize: [
      slotSize % blockSize !== 0n,
      `A slot of ${slotSize} bytes does not consist of whole blocks; its size has to be a multiple of ${blockSize}.`,
    ],
    SizeTooLarge: [
      slotSize > RequestLimits.slotSize,
      `A slot of ${slotSize} bytes is more than the contract can count (2^64 - 1).`,
    ],
    NoDuration: [duration === 0n, "The request lasts no time; give it a duration."],
    NoReward: [reward === 0n, "The request pays nothing; no host will take it."],
    RewardTooLarge: [
      reward > RequestLimits.reward,
      "The reward is more than the contract can count (2^128 - 1 per second and slot); lower it.",
    ],
    NoProofProbability: [
      proofProbability === 0n,
      "The proof probability is 0; it says that a proof is due in about one of so many periods, and 1 means each.",
    ],
    ProofProbabilityTooLarge: [
      proofProbability > RequestLimits.proofProbability,
      `A proof probability of ${proofProbability} is more than the contract can count (2^64 - 1).`,
    ],
    TooManySlotLosses: [
      maxSlotLoss > slots,
      `The request would outlive the loss of ${maxSlotLoss} slots, but it has only ${slots}.`,
    ],
    DurationTooLarge: [
      duration > RequestLimits.duration,
      `A duration of ${duration} seconds is more than the contract can count (2^32 - 1).`,
    ],
    DurationTooShort: [
      duration !== 0n && duration < period,
      `The request lasts ${duration} seconds, less than a period of ${period}; it is over before a missing proof can be marked.`,
    ],
    AlreadyExpired: [
      expiry <= now,
      `The request expires at ${expiry}, and it is ${now} already; it can no longer start.`,
    ],
    ExpiresTooLate: [
      expiry > now && expiry >= endsAt,
      `The request expires at ${expiry}, but ends at ${endsAt}; it has to start before it ends.`,
    ],
    ContentTooLarge: [
      contentBytes > RequestLimits.contentBytes,
      `The cid and the proof's parameters have ${contentBytes} bytes; the contract keeps at most ${RequestLimits.contentBytes} of a request.`,
    ],
  }
  return FlawName.literals.flatMap((flaw) => {
    const [holds, message] = checks[flaw]
    return holds ? [{ flaw, message }] : []
  })
}
