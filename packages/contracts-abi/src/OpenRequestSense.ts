import { Schema } from "effect"
import type { OpenRequest } from "./OpenRequest.ts"
import { OpenRequestLimits } from "./RequestLimits.ts"
import type { Circumstances } from "./RequestSense.ts"

const FlawName = Schema.Literals([
  "NoSize",
  "NoDuration",
  "DurationTooLarge",
  "DurationTooShort",
  "NoPrice",
  "PriceTooLarge",
  "NoProofProbability",
  "ProofProbabilityTooLarge",
  "AlreadyExpired",
  "ExpiresTooLate",
])

/** A reason why an open request cannot work, or not as anyone would want it, whether or not the contract refuses it. */
export const OpenRequestFlaw = Schema.Struct({
  flaw: FlawName,
  /** A sentence for people. */
  message: Schema.String,
})
export type OpenRequestFlaw = typeof OpenRequestFlaw.Type

/** What an open request is held against; it ends when its contract does, so its own end says nothing. */
export type OpenCircumstances = Omit<Circumstances, "endsAt">

/** The flaws of an open request; none: it makes sense, as far as the proof scheme can use its size. */
export const openFlawsOf = (
  request: OpenRequest,
  { now, config }: OpenCircumstances,
): ReadonlyArray<OpenRequestFlaw> => {
  const { duration, expiry, maxPrice, proofProbability, size } = request
  const period = config?.proofs.period ?? 0n
  const checks: { readonly [Name in typeof FlawName.Type]: readonly [holds: boolean, message: string] } = {
    NoSize: [size === 0n, "The slot has no size; there is nothing to store."],
    NoDuration: [duration === 0n, "The request lasts no time; give it a duration."],
    DurationTooLarge: [
      duration > OpenRequestLimits.duration,
      `A duration of ${duration} seconds is more than the contract can count (2^32 - 1).`,
    ],
    DurationTooShort: [
      duration !== 0n && duration < period,
      `The request lasts ${duration} seconds, less than a period of ${period}; it is over before a missing proof can be marked.`,
    ],
    NoPrice: [maxPrice === 0n, "The request pays nothing; no host will offer."],
    PriceTooLarge: [
      maxPrice > OpenRequestLimits.maxPrice,
      "The maximum price is more than the contract can count (2^128 - 1); lower it.",
    ],
    NoProofProbability: [
      proofProbability === 0n,
      "The proof probability is 0; it says that a proof is due in about one of so many periods, and 1 means each.",
    ],
    ProofProbabilityTooLarge: [
      proofProbability > OpenRequestLimits.proofProbability,
      `A proof probability of ${proofProbability} is more than the contract can count (2^64 - 1).`,
    ],
    AlreadyExpired: [
      expiry <= now,
      `The request expires at ${expiry}, and it is ${now} already; no offer to it can be selected.`,
    ],
    ExpiresTooLate: [
      expiry > OpenRequestLimits.expiry,
      `The request expires at ${expiry}, later than the contract can count (unix time 2^40 - 1).`,
    ],
  }
  return FlawName.literals.flatMap((flaw) => {
    const [holds, message] = checks[flaw]
    return holds ? [{ flaw, message }] : []
  })
}
