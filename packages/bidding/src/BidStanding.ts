import type { Address, ContractState, Offer, OfferId } from "@pecia/contracts-abi"
import { Data, Option } from "effect"

/** Nothing beside the tag. */
type Bare = Record<never, never>

/** How an open request stands on the chain, seen by one host. */
export type BidStanding = Data.TaggedEnum<{
  /** The chain knows no such request (any more). */
  Unknown: Bare
  /** The client can still select. `offered`: the chain has an offer of ours. */
  Open: { readonly offered: boolean }
  /** Nothing was selected before the expiry. */
  Over: Bare
  /** The client selected another host's offer. */
  Taken: Bare
  /** Our offer was selected; it can be started. */
  Selected: { readonly offerId: OfferId }
  /** Our offer was selected, but not started before the expiry; it locks our collateral until the client has its money back. */
  Late: { readonly offerId: OfferId }
  /** The same, and the client has its money back. */
  Released: Bare
  /** `end`: unix seconds, of the contract's last second. */
  Started: { readonly offerId: OfferId; readonly end: bigint }
  /** The contract is over. Of one that has failed the chain does not say whether its host was paid. */
  Payable: { readonly offerId: OfferId; readonly contract: "Finished" | "Failed" }
  /** The contract ran to its end, and we were paid. */
  Paid: { readonly offerId: OfferId }
}>
export const BidStanding = Data.taggedEnum<BidStanding>()

/** The offer that the client has selected, and the contract that came of it. */
export interface Selection {
  readonly offerId: OfferId
  readonly offer: Offer
  readonly contract: ContractState
  readonly proofEnd: Option.Option<bigint>
}

/** What was read from the chain; not in one step, so that the answers may contradict each other. */
export interface BidReading {
  readonly account: Address
  /** Unix seconds of the latest block. */
  readonly now: bigint
  /** Unix seconds. */
  readonly expiry: bigint
  readonly selection: Selection
}

/** How a request stands in which nothing was selected. */
export const unselected = (now: bigint, expiry: bigint, offered: boolean): BidStanding =>
  now < expiry ? BidStanding.Open({ offered }) : BidStanding.Over()

/** How a request stands in which an offer was selected. None: the answers are of different moments; ask again. */
export const selectedStanding = ({ account, now, expiry, selection }: BidReading): Option.Option<BidStanding> => {
  const { offer, offerId, contract, proofEnd } = selection
  if (offer.host !== account) return Option.some(BidStanding.Taken())
  switch (contract) {
    case "None":
      return Option.none()
    case "Selected":
      return Option.some(now < expiry ? BidStanding.Selected({ offerId }) : BidStanding.Late({ offerId }))
    case "Started":
      return Option.map(proofEnd, (end) =>
        now > end ? BidStanding.Payable({ offerId, contract: "Finished" }) : BidStanding.Started({ offerId, end }),
      )
    case "Failed":
      return Option.some(BidStanding.Payable({ offerId, contract }))
    case "Finished":
      return Option.some(BidStanding.Paid({ offerId }))
    case "Released":
      return Option.some(BidStanding.Released())
  }
}
