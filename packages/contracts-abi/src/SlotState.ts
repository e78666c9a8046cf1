import { Schema } from "effect"
import { abiEnum } from "./internal/abiEnum.ts"

const schema = Schema.Literals(["Free", "Filled", "Finished", "Failed", "Paid"])

/** The states of a slot, in the order of the contract's enumeration (contract interface, section 1). */
export const SlotState = Object.assign(schema, abiEnum("SlotState", schema.literals))
export type SlotState = typeof schema.Type
