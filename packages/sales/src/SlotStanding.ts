import type { Address, RequestState, SlotState } from "@pecia/contracts-abi"
import { Data, Option } from "effect"

/** Nothing beside the tag. */
type Bare = Record<never, never>

/** How a slot stands on the chain, seen by one host. */
export type SlotStanding = Data.TaggedEnum<{
  /** Nobody has it and its request takes fillings. `closing`: too near to the expiry to begin. */
  Open: { readonly started: boolean; readonly closing: boolean }
  /** We have it and its request goes on. `expiring`: the expiry is near and slots are still missing. */
  Mine: { readonly started: boolean; readonly expiring: boolean }
  Taken: { readonly host: Address }
  /** We have it, its request was finished or cancelled, our share waits. */
  Payable: { readonly cancelled: boolean }
  /** We have it and its request failed. There is no money, but the slot locks our collateral until we leave it. */
  Doomed: Bare
  /** Our share was paid. */
  Paid: Bare
  /** We do not have it and cannot get it. `Unknown`: the chain knows no such request (any more). */
  Over: { readonly request: "Cancelled" | "Finished" | "Failed" | "Unknown" }
}>
export const SlotStanding = Data.taggedEnum<SlotStanding>()

/** What was read from the chain; not in one step, so that the answers may contradict each other. */
export interface SlotReading {
  readonly account: Address
  readonly request: Option.Option<RequestState>
  readonly slot: SlotState
  readonly host: Option.Option<Address>
  /** Later than a filling should begin. */
  readonly closing: boolean
  /** Later than an incomplete request should be stayed with. */
  readonly expiring: boolean
}

const free = ({ request, closing }: SlotReading): SlotStanding => {
  const state = Option.getOrElse(request, () => "Unknown" as const)
  if (state === "Started") return SlotStanding.Open({ started: true, closing: false })
  return state === "New" ? SlotStanding.Open({ started: false, closing }) : SlotStanding.Over({ request: state })
}

/** None: the answers are of different moments; ask again. (contract interface, section 3) */
export const standingOf = (reading: SlotReading): Option.Option<SlotStanding> => {
  const { account, request, slot, host, expiring } = reading
  if (slot === "Free") return Option.isSome(host) ? Option.none() : Option.some(free(reading))
  if (Option.isNone(host) || Option.isNone(request)) return Option.none()
  if (host.value !== account) return Option.some(SlotStanding.Taken({ host: host.value }))
  const state = request.value
  switch (slot) {
    case "Paid":
      return Option.some(SlotStanding.Paid())
    case "Failed":
      return state === "Failed" ? Option.some(SlotStanding.Doomed()) : Option.none()
    case "Finished":
      return state === "Cancelled" || state === "Finished"
        ? Option.some(SlotStanding.Payable({ cancelled: state === "Cancelled" }))
        : Option.none()
    case "Filled":
      if (state === "Started") return Option.some(SlotStanding.Mine({ started: true, expiring: false }))
      return state === "New" ? Option.some(SlotStanding.Mine({ started: false, expiring })) : Option.none()
  }
}
