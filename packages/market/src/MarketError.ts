import { Address, RequestId, RequestRefusal, SlotId } from "@pecia/contracts-abi"
import { Schema } from "effect"

// One error per revert reason on which a caller decides (contract interface, section 2); `message` is the sentence people read.

export class InvalidClientAddress extends Schema.TaggedError<InvalidClientAddress>()("InvalidClientAddress", {
  account: Address,
}) {
  override get message() {
    return `The request does not belong to ${this.account}; use the account that is named as its client.`
  }
}

/** `Request already exists` */
export class RequestAlreadyExists extends Schema.TaggedError<RequestAlreadyExists>()("RequestAlreadyExists", {
  requestId: RequestId,
}) {
  override get message() {
    return `Request ${this.requestId} is on the market already; use a new nonce for another one.`
  }
}

const remedies: { readonly [Reason in RequestRefusal]: string } = {
  "Invalid slots": "ask for 1 to 65,535 slots",
  "Invalid max slot loss": "let no more slots be lost than it has",
  "Invalid duration": "give it a duration of 1 to 2^32 - 1 seconds",
  "Invalid expiry": "let it expire before it ends, which is its duration after it is requested",
  "Invalid reward": "pay less than 2^128 per second and slot",
  "Invalid slot size": "ask for slots of less than 2^64 bytes",
  "Invalid proof probability": "ask for a proof in one of less than 2^64 periods",
  "Invalid proof parameters":
    "take the proof's parameters, the size and the number of the slots as its verifier can use them",
  "Request too large": "shorten the cid and the proof's parameters to 24,424 bytes in all",
}

/** The request can never work. Its reasons: `RequestRefusal`; nobody decides on them, so they share this error. */
export class RequestRefused extends Schema.TaggedError<RequestRefused>()("RequestRefused", {
  requestId: RequestId,
  reason: RequestRefusal,
}) {
  override get message() {
    return `The contract refuses request ${this.requestId} (${this.reason}); ${remedies[this.reason]}.`
  }
}

/** `Unknown request` */
export class UnknownRequest extends Schema.TaggedError<UnknownRequest>()("UnknownRequest", { requestId: RequestId }) {
  override get message() {
    return `The chain knows no request ${this.requestId}; check the id and the deployment.`
  }
}

/** `Invalid slot` */
export class InvalidSlot extends Schema.TaggedError<InvalidSlot>()("InvalidSlot", {
  requestId: RequestId,
  slotIndex: Schema.BigInt,
}) {
  override get message() {
    return `Request ${this.requestId} has no slot ${this.slotIndex}.`
  }
}

/** `Slot is not free` */
export class SlotNotFree extends Schema.TaggedError<SlotNotFree>()("SlotNotFree", { slotId: SlotId }) {
  override get message() {
    return `Slot ${this.slotId} cannot be filled: another host has it, or its request has ended.`
  }
}

/** `Insufficient collateral` */
export class InsufficientCollateral extends Schema.TaggedError<InsufficientCollateral>()("InsufficientCollateral", {
  account: Address,
}) {
  override get message() {
    return `The collateral of ${this.account} does not suffice to keep another slot; it has to deposit more.`
  }
}

/** `Invalid proof` */
export class InvalidProof extends Schema.TaggedError<InvalidProof>()("InvalidProof", { slotId: SlotId }) {
  override get message() {
    return `The contract refused the proof for slot ${this.slotId}.`
  }
}

/** `Proof already submitted` */
export class ProofAlreadySubmitted extends Schema.TaggedError<ProofAlreadySubmitted>()("ProofAlreadySubmitted", {
  slotId: SlotId,
}) {
  override get message() {
    return `Slot ${this.slotId} has a proof for this period already.`
  }
}

/** `Slot is free` */
export class SlotIsFree extends Schema.TaggedError<SlotIsFree>()("SlotIsFree", { slotId: SlotId }) {
  override get message() {
    return `Slot ${this.slotId} is free; fill it first.`
  }
}

/** `Slot filled by other host` */
export class SlotFilledByOtherHost extends Schema.TaggedError<SlotFilledByOtherHost>()("SlotFilledByOtherHost", {
  slotId: SlotId,
}) {
  override get message() {
    return `Slot ${this.slotId} belongs to another host.`
  }
}

/** `Already paid` */
export class AlreadyPaid extends Schema.TaggedError<AlreadyPaid>()("AlreadyPaid", { slotId: SlotId }) {
  override get message() {
    return `Slot ${this.slotId} was paid already.`
  }
}

/** `Slot not accepting proofs` */
export class SlotNotAcceptingProofs extends Schema.TaggedError<SlotNotAcceptingProofs>()("SlotNotAcceptingProofs", {
  slotId: SlotId,
}) {
  override get message() {
    return `No host has to keep slot ${this.slotId} now, so no proof of it can be missing.`
  }
}

/** `Period has not ended yet` */
export class PeriodNotEnded extends Schema.TaggedError<PeriodNotEnded>()("PeriodNotEnded", {
  slotId: SlotId,
  period: Schema.BigInt,
}) {
  override get message() {
    return `Period ${this.period} has not ended; the proof of slot ${this.slotId} may still come.`
  }
}

/** `Validation timed out` */
export class ValidationTimedOut extends Schema.TaggedError<ValidationTimedOut>()("ValidationTimedOut", {
  slotId: SlotId,
  period: Schema.BigInt,
}) {
  override get message() {
    return `It is too late to mark a missing proof of period ${this.period} for slot ${this.slotId}.`
  }
}

/** `Proof was submitted, not missing` */
export class ProofNotMissing extends Schema.TaggedError<ProofNotMissing>()("ProofNotMissing", {
  slotId: SlotId,
  period: Schema.BigInt,
}) {
  override get message() {
    return `Slot ${this.slotId} was proven in period ${this.period}.`
  }
}

/** `Proof was not required` */
export class ProofNotRequired extends Schema.TaggedError<ProofNotRequired>()("ProofNotRequired", {
  slotId: SlotId,
  period: Schema.BigInt,
}) {
  override get message() {
    return `No proof of slot ${this.slotId} was due in period ${this.period}.`
  }
}

/** `Proof already marked as missing` */
export class ProofAlreadyMarked extends Schema.TaggedError<ProofAlreadyMarked>()("ProofAlreadyMarked", {
  slotId: SlotId,
  period: Schema.BigInt,
}) {
  override get message() {
    return `The missing proof of slot ${this.slotId} in period ${this.period} is marked already.`
  }
}

/** `Request not yet timed out` */
export class RequestNotTimedOut extends Schema.TaggedError<RequestNotTimedOut>()("RequestNotTimedOut", {
  requestId: RequestId,
}) {
  override get message() {
    return `Request ${this.requestId} has not expired; what no host earns can be taken back when it has.`
  }
}

/** `Invalid state` */
export class InvalidState extends Schema.TaggedError<InvalidState>()("InvalidState", { requestId: RequestId }) {
  override get message() {
    return `Nothing of request ${this.requestId} can be taken back: it is under way, its hosts earn all of it, or it was refunded.`
  }
}

/** `Account locked` */
export class AccountLocked extends Schema.TaggedError<AccountLocked>()("AccountLocked", { account: Address }) {
  override get message() {
    return `${this.account} still keeps slots, or has offers on open requests; they lock its collateral.`
  }
}

/** `ERC20: insufficient allowance` */
export class InsufficientAllowance extends Schema.TaggedError<InsufficientAllowance>()("InsufficientAllowance", {
  account: Address,
}) {
  override get message() {
    return `The contract may not take that much from ${this.account}; approve the amount first.`
  }
}

/** `ERC20: transfer amount exceeds balance` */
export class InsufficientBalance extends Schema.TaggedError<InsufficientBalance>()("InsufficientBalance", {
  account: Address,
}) {
  override get message() {
    return `${this.account} does not have that many tokens.`
  }
}

// What can only be retried or reported is one error with a reason.

/** The chain did not answer, or not in time. */
export class Unreachable extends Schema.TaggedError<Unreachable>()("Unreachable", {
  url: Schema.String,
  detail: Schema.String,
}) {
  get isRetryable() {
    return true
  }
  override get message() {
    return `The chain at ${this.url} does not answer (${this.detail}); check that its node runs and that the URL is right.`
  }
}

/** The chain answered, but not what was deployed there, or not what we can read. */
export class Misconfigured extends Schema.TaggedError<Misconfigured>()("Misconfigured", { detail: Schema.String }) {
  get isRetryable() {
    return false
  }
  override get message() {
    return this.detail
  }
}

/** A revert or panic on which no caller decides: a broken rule of the contract, or numbers that overflow. */
export class Reverted extends Schema.TaggedError<Reverted>()("Reverted", {
  call: Schema.String,
  detail: Schema.String,
}) {
  get isRetryable() {
    return false
  }
  override get message() {
    return `The contract refused ${this.call}: ${this.detail}.`
  }
}

/** The transaction was refused before it could be mined: no gas money, a nonce clash, a full pool. */
export class NotAccepted extends Schema.TaggedError<NotAccepted>()("NotAccepted", {
  call: Schema.String,
  detail: Schema.String,
  isRetryable: Schema.Boolean,
}) {
  override get message() {
    return `The transaction for ${this.call} was not accepted: ${this.detail}.`
  }
}

/** Something between us and the contract failed. */
export class ChainError extends Schema.TaggedError<ChainError>()("ChainError", {
  reason: Schema.Union([Unreachable, Misconfigured, Reverted, NotAccepted]),
}) {
  get isRetryable() {
    return this.reason.isRetryable
  }
  override get message() {
    return this.reason.message
  }
}
