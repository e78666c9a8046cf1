import { Schema } from "effect"
import type { MarketplaceConfig } from "./MarketplaceConfig.ts"
import { StorageAsk } from "./StorageAsk.ts"
import type { StorageRequest } from "./StorageRequest.ts"

const FlawName = Schema.Literals([
  "NoSlots",
  "NoSize",
  "UnevenSize",
  "NoDuration",
  "NoReward",
  "NoProofProbability",
  "ProofProbabilityTooLarge",
  "TooManySlotLosses",
  "PriceTooLarge",
  "DurationTooLarge",
  "DurationTooShort",
  "AlreadyExpired",
  "ExpiresTooLate",
])

/** A reason why a request cannot work, or not as anyone would want it, although the contract takes it. */
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
  /** The contract's constants; without them its period and downtime are not looked at. */
  readonly config?: MarketplaceConfig | undefined
}

/** Slots consist of whole blocks of so many bytes. */
const blockSize = 65_536n
/** What the contract's arithmetic can hold; beyond it, it panics. */
const largest = 2n ** 256n - 1n

/** The flaws of a request; none: it makes sense. Takes the same time whatever numbers the request names. */
export const flawsOf = (
  { ask, expiry }: StorageRequest,
  { now, endsAt = now + ask.duration, config }: Circumstances,
): ReadonlyArray<RequestFlaw> => {
  const { slots, slotSize, duration, proofProbability, reward, maxSlotLoss } = ask
  const period = config?.proofs.period ?? 0n
  const downtime = config?.proofs.downtime ?? 0n
  const checks: { readonly [Name in typeof FlawName.Type]: readonly [holds: boolean, message: string] } = {
    NoSlots: [slots === 0n, "The request has no slots; ask for at least one."],
    NoSize: [slotSize === 0n, "The slots have no size; there is nothing to store."],
    UnevenSize: [
      slotSize % blockSize !== 0n,
      `A slot of ${slotSize} bytes does not consist of whole blocks; its size has to be a multiple of ${blockSize}.`,
    ],
    NoDuration: [duration === 0n, "The request lasts no time; give it a duration."],
    NoReward: [reward === 0n, "The request pays nothing; no host will take it."],
    NoProofProbability: [
      proofProbability === 0n,
      "The proof probability is 0; it says that a proof is due in about one of so many periods, and 1 means each.",
    ],
    ProofProbabilityTooLarge: [
      proofProbability * (256n - downtime) > largest,
      `With a proof probability of ${proofProbability} the contract cannot compute when a proof is due.`,
    ],
    TooManySlotLosses: [
      maxSlotLoss > slots,
      `The request would outlive the loss of ${maxSlotLoss} slots, but it has only ${slots}.`,
    ],
    PriceTooLarge: [
      StorageAsk.pricePerSlot(ask) > largest || StorageAsk.price(ask) > largest,
      "The price is more than the contract can count (2^256 - 1); lower the reward, the duration or the slots.",
    ],
    DurationTooLarge: [
      now + duration > largest,
      `A duration of ${duration} seconds ends later than the contract can count (2^256 - 1).`,
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
  }
  return FlawName.literals.flatMap((flaw) => {
    const [holds, message] = checks[flaw]
    return holds ? [{ flaw, message }] : []
  })
}
