import type { Address, RequestState, SlotState } from "@pecia/contracts-abi"
import { Data, Option } from "effect"

/** How a request is over. */
export type RequestEnd = Exclude<RequestState, "New" | "Started">

/** How a slot stands on the chain, seen by one host. */
export type SlotStanding = Data.TaggedEnum<{
  /** Nobody has it and its request takes fillings. */
  Open: { readonly started: boolean }
  /** We have it and its request goes on. */
  Mine: { readonly started: boolean }
  Taken: { readonly host: Address }
  /** We have it, its request is over, our share waits: the time that we stored it for. */
  Payable: { readonly request: RequestEnd }
  /** Our share was paid. */
  Paid: { readonly request: RequestEnd }
  /** We do not have it and cannot get it. `Unknown`: the chain knows no such request (any more). */
  Over: { readonly request: RequestEnd | "Unknown" }
}>
export const SlotStanding = Data.taggedEnum<SlotStanding>()

/** What was read from the chain; not in one step, so that the answers may contradict each other. */
export interface SlotReading {
  readonly account: Address
  readonly request: Option.Option<RequestState>
  readonly slot: SlotState
  readonly host: Option.Option<Address>
}

const free = (request: SlotReading["request"]): SlotStanding => {
  const state = Option.getOrElse(request, () => "Unknown" as const)
  return state === "New" || state === "Started"
    ? SlotStanding.Open({ started: state === "Started" })
    : SlotStanding.Over({ request: state })
}

/** How a slot of ours stands; the states of slot and request have to go together (contract interface, section 3). */
const ours = (slot: Exclude<SlotState, "Free">, request: RequestState): Option.Option<SlotStanding> => {
  if (request === "New" || request === "Started") {
    return slot === "Filled" ? Option.some(SlotStanding.Mine({ started: request === "Started" })) : Option.none()
  }
  if (slot === "Paid") return Option.some(SlotStanding.Paid({ request }))
  const ended = request === "Failed" ? "Failed" : "Finished"
  return slot === ended ? Option.some(SlotStanding.Payable({ request })) : Option.none()
}

/** None: the answers are of different moments; ask again. */
export const standingOf = ({ account, request, slot, host }: SlotReading): Option.Option<SlotStanding> => {
  if (slot === "Free") return Option.isSome(host) ? Option.none() : Option.some(free(request))
  if (Option.isNone(host) || Option.isNone(request)) return Option.none()
  return host.value === account ? ours(slot, request.value) : Option.some(SlotStanding.Taken({ host: host.value }))
}
