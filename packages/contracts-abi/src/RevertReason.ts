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

/** Why an open request is refused that can never work, in the order in which the offer market looks for it. */
export const OpenRequestRefusal = Schema.Literals([
  "Invalid duration",
  "Invalid price",
  "Invalid expiry",
  "Invalid proof probability",
  "Invalid proof parameters",
])
export type OpenRequestRefusal = typeof OpenRequestRefusal.Type

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
  "Invalid price",
  "Invalid host address",
  "Request expired",
  "Price too high",
  "Offer already exists",
  "Max locks reached",
  "Unknown offer",
  "Offer expired",
  "Only client can select offer",
  "Offer already selected",
  "Only host can call this function",
  "Offer was not selected",
  "Proof id already in use",
  "Contract not started",
  "Contract has not ended yet",
  "ERC20: insufficient allowance",
  "ERC20: transfer amount exceeds balance",
])

/** Why a contract refused a call, in its own words (contract interface, sections 2 and 5, and its README; the token's: section 2.1). */
export const RevertReason = Object.assign(schema, {
  /** None: a revert that the interface does not name, so nothing can be decided on it. */
  parse: Schema.decodeUnknownOption(schema),
})
export type RevertReason = typeof schema.Type

const construction = [
  "Insufficient block height",
  "Invalid period",
  "Timeout too long",
  "Invalid slash criterion",
  "Invalid slash percentage",
  "Invalid marker percentage",
] as const

const pull = ["Transfer failed", "ERC20: insufficient allowance", "ERC20: transfer amount exceeds balance"] as const

const markProofAsMissing = [
  "Slot not accepting proofs",
  "Period has not ended yet",
  "Validation timed out",
  "Proof was submitted, not missing",
  "Proof was not required",
  "Proof already marked as missing",
] as const

/** Which reasons a call of the marketplace can be refused for, in the order in which the contract checks them (section 2). */
export const revertReasons = {
  constructor: construction,
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
  markProofAsMissing,
  withdrawFunds: ["Request not yet timed out", "Invalid client address", "Invalid state", "Withdraw failed"],
  getActiveSlot: ["Slot is free"],
  getRequest: ["Unknown request"],
  requestState: ["Unknown request"],
  requestEnd: ["Unknown request"],
} as const satisfies { readonly [call: string]: ReadonlyArray<RevertReason> }

/** The same for the offer market. */
export const offerRevertReasons = {
  constructor: construction,
  deposit: ["Amount too large", ...pull],
  withdraw: ["Account locked"],
  requestStorage: ["Invalid client address", "Request already exists", ...OpenRequestRefusal.literals, ...pull],
  offerStorage: [
    "Invalid host address",
    "Insufficient collateral",
    "Unknown request",
    "Request expired",
    "Price too high",
    "Offer already exists",
    "Invalid expiry",
    "Max locks reached",
  ],
  selectOffer: [
    "Unknown offer",
    "Offer expired",
    "Only client can select offer",
    "Offer already selected",
    "Request expired",
    "Insufficient collateral",
    "Withdraw failed",
  ],
  startContract: [
    "Only host can call this function",
    "Offer was not selected",
    "Proof id already in use",
    "Request expired",
  ],
  finishContract: ["Contract not started", "Contract has not ended yet", "Payment failed"],
  withdrawFunds: ["Unknown request", "Request not yet timed out", "Invalid state", "Withdraw failed"],
  submitProof: ["Contract not started", "Only host can call this function", "Invalid proof", "Proof already submitted"],
  markProofAsMissing,
} as const satisfies { readonly [call: string]: ReadonlyArray<RevertReason> }
