import { Schema } from "effect"

/** Why a request is refused that can never work, in the order in which the contract looks for it. */
export const RequestRefusal = Schema.Literals([
  "Invalid slots",
  "Invalid max slot loss",
  "Invalid duration",
  "Invalid expiry",
  "Invalid reward",
  "Invalid slot size",
  "Invalid proof probability",
  "Invalid proof parameters",
  "Request too large",
])
export type RequestRefusal = typeof RequestRefusal.Type

const schema = Schema.Literals([
  "Invalid client address",
  "Request already exists",
  ...RequestRefusal.literals,
  "Unknown request",
  "Invalid slot",
  "Slot is not free",
  "Insufficient collateral",
  "Invalid proof",
  "Proof already submitted",
  "Slot is free",
  "Slot filled by other host",
  "Already paid",
  "Payment failed",
  "Slot not accepting proofs",
  "Period has not ended yet",
  "Validation timed out",
  "Proof was submitted, not missing",
  "Proof was not required",
  "Proof already marked as missing",
  "Request not yet timed out",
  "Invalid state",
  "Withdraw failed",
  "Account locked",
  "Amount too large",
  "Transfer failed",
  "Insufficient block height",
  "Invalid period",
  "Timeout too long",
  "Invalid slash criterion",
  "Invalid slash percentage",
  "Invalid marker percentage",
  "ERC20: insufficient allowance",
  "ERC20: transfer amount exceeds balance",
])

/** Why the contract refused a call, in its own words (contract interface, sections 2 and 5, and its README; the token's: section 2.1). */
export const RevertReason = Object.assign(schema, {
  /** None: a revert that the interface does not name, so nothing can be decided on it. */
  parse: Schema.decodeUnknownOption(schema),
})
export type RevertReason = typeof schema.Type

const pull = ["Transfer failed", "ERC20: insufficient allowance", "ERC20: transfer amount exceeds balance"] as const

/** Which reasons a call can be refused for, in the order in which the contract checks them (section 2). */
export const revertReasons = {
  constructor: [
    "Insufficient block height",
    "Invalid period",
    "Timeout too long",
    "Invalid slash criterion",
    "Invalid slash percentage",
    "Invalid marker percentage",
  ],
  deposit: ["Amount too large", ...pull],
  withdraw: ["Account locked"],
  requestStorage: ["Invalid client address", "Request already exists", ...RequestRefusal.literals, ...pull],
  fillSlot: [
    "Unknown request",
    "Invalid slot",
    "Slot is not free",
    "Insufficient collateral",
    "Invalid proof",
    "Proof already submitted",
  ],
  freeSlot: ["Slot is free", "Slot filled by other host", "Already paid", "Payment failed"],
  submitProof: ["Slot is free", "Slot filled by other host", "Invalid proof", "Proof already submitted"],
  markProofAsMissing: [
    "Slot not accepting proofs",
    "Period has not ended yet",
    "Validation timed out",
    "Proof was submitted, not missing",
    "Proof was not required",
    "Proof already marked as missing",
  ],
  withdrawFunds: ["Request not yet timed out", "Invalid client address", "Invalid state", "Withdraw failed"],
  getActiveSlot: ["Slot is free"],
  getRequest: ["Unknown request"],
  requestState: ["Unknown request"],
  requestEnd: ["Unknown request"],
} as const satisfies { readonly [call: string]: ReadonlyArray<RevertReason> }
