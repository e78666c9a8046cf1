import { Schema } from "effect"
import { abiEnum } from "./internal/abiEnum.ts"

const schema = Schema.Literals(["New", "Started", "Cancelled", "Finished", "Failed"])

/** The states of a request, in the order of the contract's enumeration (contract interface, section 1). */
export const RequestState = Object.assign(schema, abiEnum("RequestState", schema.literals))
export type RequestState = typeof schema.Type
