import type { OfferEvent } from "@pecia/market"
import { Counts, outcomesOf } from "../Counts.ts"
import type { Outcome } from "../Side.ts"
import type { OfferScene } from "./OfferScene.ts"
import { isCall, type OfferStep } from "./OfferStep.ts"

const pull = ["InsufficientAllowance", "InsufficientBalance"]
const refusals = ["Invalid duration", "Invalid price", "Invalid expiry", "Invalid proof probability"]

/**
 * All that can come of a call. Left out is what takes a token that answers false, a verifier that is choosy (`Invalid proof
 * parameters`), or more requests than a sequence has (`Max locks reached`): the suite has that.
 */
const outcomes: Readonly<Partial<Record<OfferStep["_tag"], ReadonlyArray<string>>>> = {
  mint: ["panic"],
  approveFunds: ["panic"],
  deposit: ["Amount too large", ...pull],
  withdraw: ["AccountLocked"],
  requestStorage: ["InvalidClientAddress", "RequestAlreadyExists", ...refusals, ...pull],
  offerStorage: [
    "InvalidHostAddress",
    "InsufficientCollateral",
    "UnknownRequest",
    "RequestExpired",
    "PriceTooHigh",
    "OfferAlreadyExists",
    "OfferRefused",
  ],
  selectOffer: [
    "UnknownOffer",
    "OfferExpired",
    "NotClientOfRequest",
    "OfferAlreadySelected",
    "RequestExpired",
    "HostLacksCollateral",
  ],
  startContract: ["NotHostOfOffer", "OfferNotSelected", "ContractStartedBefore", "RequestExpired"],
  finishContract: ["ContractNotStarted", "ContractNotEnded"],
  withdrawFunds: ["UnknownRequest", "RequestNotTimedOut", "InvalidState"],
  submitProof: ["ContractNotStarted", "NotHostOfOffer", "InvalidProof", "ProofAlreadySubmitted"],
  markProofAsMissing: [
    "SlotNotAcceptingProofs",
    "PeriodNotEnded",
    "ValidationTimedOut",
    "ProofNotMissing",
    "ProofNotRequired",
    "ProofAlreadyMarked",
  ],
}

/** What calls bring about besides. */
const effects = [
  "markProofAsMissing: ContractFailed",
  "finishContract: ContractFinished",
  "finishContract: nothing",
  "withdrawFunds: nothing",
]

const states = ["None", "Selected", "Started", "Finished", "Failed", "Released"].map((state) => `contract ${state}`)

/** Counts what came of the calls, and which states were seen. */
export class OfferTally {
  readonly #counts = new Counts()

  call(step: OfferStep, { kind }: Outcome, news: ReadonlyArray<OfferEvent>): void {
    if (!isCall(step)) return
    this.#counts.count(`${step._tag} ${kind}`)
    if (kind !== "ok") return
    const names = news.map(({ _tag }) => _tag)
    this.#counts.count(`${step._tag}: ${names.length === 0 ? "nothing" : names.join(", ")}`)
  }

  scene({ offers }: OfferScene): void {
    for (const { state } of offers) this.#counts.count(`contract ${state}`)
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
