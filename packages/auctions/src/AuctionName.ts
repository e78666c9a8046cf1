import type { Address } from "@pecia/contracts-abi"
import { Option, Schema } from "effect"
import type { AuctionEnd, AuctionOutcome } from "./AuctionOutcome.ts"
import type { AuctionState } from "./AuctionState.ts"
import type { Candidate } from "./SelectingStrategy.ts"

/** The names that REST shows. */
export const AuctionName = Schema.Literals([
  "pending",
  "open",
  "selected",
  "started",
  "finished",
  "unsold",
  "notStarted",
  "failed",
  "errored",
])
export type AuctionName = typeof AuctionName.Type

/** An auction of which something is being taken back is called by its end already. */
const tagOf = (state: AuctionState) => {
  if (state._tag === "Refunding") return state.end._tag
  return state._tag === "Ended" ? state.outcome._tag : state._tag
}

const names = {
  Pending: "pending",
  Open: "open",
  Selected: "selected",
  Started: "started",
  Finished: "finished",
  Unsold: "unsold",
  NotStarted: "notStarted",
  Failed: "failed",
  Errored: "errored",
} as const satisfies { readonly [Tag in ReturnType<typeof tagOf>]: AuctionName }

export const auctionName = (state: AuctionState): AuctionName => names[tagOf(state)]

/** What had come of the request, and what is said of the money while it is taken back and afterwards. */
const sentences: { readonly [End in AuctionEnd["_tag"]]: readonly [what: string, rest: string] } = {
  Unsold: ["No offer was selected before the request expired", "everything"],
  NotStarted: ["The host that was selected did not start before the request expired", "everything"],
  Failed: ["The contract failed, because its host lost too much collateral", "what the host did not earn"],
}

const sentenceOf = (end: AuctionEnd["_tag"], verb: string): string => {
  const [what, rest] = sentences[end]
  return `${what}; ${rest} ${verb} paid back.`
}

const outcomeSentence = (outcome: Exclude<AuctionOutcome, { readonly _tag: "Finished" }>): string =>
  outcome._tag === "Errored" ? outcome.detail : sentenceOf(outcome._tag, "was")

/** What went wrong, as a sentence. None: nothing has so far. */
export const auctionError = (state: AuctionState): Option.Option<string> => {
  if (state._tag === "Refunding") return Option.some(sentenceOf(state.end._tag, "is being"))
  if (state._tag !== "Ended" || state.outcome._tag === "Finished") return Option.none()
  return Option.some(outcomeSentence(state.outcome))
}

/** The offer that was selected. None: none was. */
export const selectedIn = (state: AuctionState): Option.Option<Candidate> => {
  const holder = state._tag === "Refunding" ? state.end : state._tag === "Ended" ? state.outcome : state
  return "offer" in holder ? Option.some({ offerId: holder.offerId, offer: holder.offer }) : Option.none()
}

/** The host that was selected, and did not start in time or failed. None: no host did, as far as can be told. */
export const failedHostIn = (state: AuctionState): Option.Option<Address> => {
  const tag = tagOf(state)
  return tag === "NotStarted" || tag === "Failed"
    ? Option.map(selectedIn(state), ({ offer }) => offer.host)
    : Option.none()
}
