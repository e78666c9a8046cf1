import { Schema } from "effect"
import { abiEnum } from "./internal/abiEnum.ts"

const schema = Schema.Literals(["None", "Selected", "Started", "Finished", "Failed", "Released"])

/**
 * The states of the contract that comes of an offer, in the order of the enumeration on the chain. None: the offer was not selected.
 * Selected: its host has yet to start. Finished: it is over and its host was paid. Failed: its host lost too much collateral.
 * Released: its host did not start in time, and the client took its money back.
 */
export const ContractState = Object.assign(schema, abiEnum("ContractState", schema.literals))
export type ContractState = typeof schema.Type
