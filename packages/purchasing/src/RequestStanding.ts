import { RequestState } from "@pecia/contracts-abi"
import { Schema } from "effect"

/** How a request stands on the chain. Unknown: the chain does not know it. */
export const RequestStanding = Schema.Literals([...RequestState.literals, "Unknown"])
export type RequestStanding = typeof RequestStanding.Type
