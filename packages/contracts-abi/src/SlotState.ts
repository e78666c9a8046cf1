import { Schema } from "effect"

/** The states of a slot, in the order of the contract's enumeration (section 1). */
export const SlotState = Schema.Literals(["Free", "Filled", "Finished", "Failed", "Paid"])
export type SlotState = typeof SlotState.Type
