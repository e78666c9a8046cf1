import { Schema } from "effect"

/** The states of a request, in the order of the contract's enumeration (section 1). */
export const RequestState = Schema.Literals(["New", "Started", "Cancelled", "Finished", "Failed"])
export type RequestState = typeof RequestState.Type
