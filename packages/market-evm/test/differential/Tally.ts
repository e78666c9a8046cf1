import type { MarketEvent } from "@pecia/market"
import { Counts, outcomesOf } from "./Counts.ts"
import type { Scene } from "./Scene.ts"
import type { Outcome } from "./Side.ts"
import { isCall, type Step } from "./Step.ts"

const pull = ["InsufficientAllowance", "InsufficientBalance"]
const refusals = [
  "Invalid slots",
  "Invalid max slot loss",
  "Invalid duration",
  "Invalid expiry",
  "Invalid reward",
  "Invalid slot size",
  "Invalid proof probability",
  "Request too large",
]

/**
 * All that can come of a call. Left out is what takes a token that answers false (`Transfer failed`, `Payment failed`,
 * `Withdraw failed`) or a verifier that is choosy (`Invalid proof parameters`): there are none here.
 */
const outcomes: Readonly<Partial<Record<Step["_tag"], ReadonlyArray<string>>>> = {
  mint: ["panic"],
  approveFunds: ["panic"],
  deposit: ["Amount too large", ...pull],
  withdraw: ["AccountLocked"],
  requestStorage: ["InvalidClientAddress", "RequestAlreadyExists", ...refusals, ...pull],
  fillSlot: [
    "UnknownRequest",
    "InvalidSlot",
    "SlotNotFree",
    "InsufficientCollateral",
    "InvalidProof",
    "ProofAlreadySubmitted",
  ],
  freeSlot: ["SlotIsFree", "SlotFilledByOtherHost", "AlreadyPaid"],
  submitProof: ["SlotIsFree", "SlotFilledByOtherHost", "InvalidProof", "ProofAlreadySubmitted"],
  markProofAsMissing: [
    "SlotNotAcceptingProofs",
    "PeriodNotEnded",
    "ValidationTimedOut",
    "ProofNotMissing",
    "ProofNotRequired",
    "ProofAlreadyMarked",
    "panic",
  ],
  withdrawFunds: ["RequestNotTimedOut", "InvalidClientAddress", "InvalidState"],
  forciblyFreeSlot: ["Slot is not filled"],
}

/** What calls bring about besides: a slot lost to misses, a request that fails by one, one that is complete again. */
const effects = [
  "freeSlot: SlotFreed",
  "freeSlot: SlotFreed, RequestFailed",
  "markProofAsMissing: SlotFreed",
  "markProofAsMissing: SlotFreed, RequestFailed",
  "forciblyFreeSlot: SlotFreed",
  "forciblyFreeSlot: SlotFreed, RequestFailed",
  "fillSlot: ProofSubmitted, SlotFilled",
  "fillSlot: ProofSubmitted, SlotFilled, RequestFulfilled",
  "fillSlot: ProofSubmitted, SlotFilled, RequestFulfilled again",
  "withdrawFunds: RequestCancelled",
  "withdrawFunds: nothing",
]

const states = [
  ...["New", "Started", "Cancelled", "Finished", "Failed"].map((state) => `request ${state}`),
  ...["Free", "Filled", "Finished", "Failed", "Paid"].map((state) => `slot ${state}`),
]

/** Counts what came of the calls, and which states were seen. */
export class Tally {
  readonly #counts = new Counts()
  readonly #fulfilled = new Set<string>()

  call(step: Step, { kind }: Outcome, news: ReadonlyArray<MarketEvent>): void {
    if (!isCall(step)) return
    this.#counts.count(`${step._tag} ${kind}`)
    if (kind !== "ok") return
    const names = news.map((event) => {
      if (event._tag !== "RequestFulfilled") return event._tag
      const again = this.#fulfilled.has(event.requestId)
      this.#fulfilled.add(event.requestId)
      return again ? `${event._tag} again` : event._tag
    })
    this.#counts.count(`${step._tag}: ${names.length === 0 ? "nothing" : names.join(", ")}`)
  }

  scene({ requests, slots }: Scene): void {
    for (const { state } of requests) this.#counts.count(`request ${state}`)
    for (const { state } of slots) this.#counts.count(`slot ${state}`)
  }

  /** What never came, though it can. */
  get missing(): ReadonlyArray<string> {
    return this.#counts.missing([...outcomesOf(outcomes), ...effects, ...states])
  }

  /** One line for each thing that came, with how often it did. */
  get lines(): ReadonlyArray<string> {
    return this.#counts.lines
  }
}
