import type { ContractState, OpenRequest } from "@pecia/contracts-abi"
import { Data, Option } from "effect"
import type { Candidate } from "./SelectingStrategy.ts"

/** Nothing beside the tag. */
type Bare = Record<never, never>

/** How an auction stands on the chain. */
export type AuctionStanding = Data.TaggedEnum<{
  /** The chain does not know the request. */
  Unknown: Bare
  /** No offer was selected, and it has not expired. */
  Open: Bare
  /** It expired before an offer was selected. */
  Unsold: Bare
  /** Its host has yet to start, before the expiry. */
  Selected: Candidate
  /** It expired before its host started. */
  NotStarted: Candidate
  /** `end`: unix seconds, up to and including which its host keeps the data. */
  Started: Candidate & { readonly end: bigint }
  /** The contract ran to its end, whether or not its host was paid. */
  Over: Candidate
  Failed: Candidate
  /** Its host did not start in time, and everything was paid back. */
  Refunded: Candidate
}>
export const AuctionStanding = Data.taggedEnum<AuctionStanding>()

/** What the chain answers to the questions about one auction. */
export interface AuctionAnswers {
  /** Unix seconds; asked before the others. */
  readonly now: bigint
  readonly isKnown: boolean
  /** None: the client has not selected any. */
  readonly selected: Option.Option<{
    readonly candidate: Candidate
    readonly state: ContractState
    /** Unix seconds; none before the start. */
    readonly end: Option.Option<bigint>
  }>
}

/** How an auction stands. None: the answers are of different moments, as they contradict each other. */
export const standingOf = (
  { expiry }: OpenRequest,
  { isKnown, now, selected }: AuctionAnswers,
): Option.Option<AuctionStanding> => {
  if (Option.isNone(selected)) {
    if (!isKnown) return Option.some(AuctionStanding.Unknown())
    return Option.some(now < expiry ? AuctionStanding.Open() : AuctionStanding.Unsold())
  }
  const { candidate, end, state } = selected.value
  switch (state) {
    case "None":
      return Option.none()
    case "Selected":
      return Option.some(AuctionStanding[now < expiry ? "Selected" : "NotStarted"](candidate))
    case "Started":
      return Option.map(end, (end) =>
        now > end ? AuctionStanding.Over(candidate) : AuctionStanding.Started({ ...candidate, end }),
      )
    case "Finished":
      return Option.some(AuctionStanding.Over(candidate))
    case "Failed":
      return Option.some(AuctionStanding.Failed(candidate))
    case "Released":
      return Option.some(AuctionStanding.Refunded(candidate))
  }
}
