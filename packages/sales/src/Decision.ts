import { RequestId } from "@pecia/contracts-abi"
import { Schema } from "effect"

/** Why a slot was taken or not, or how its sale ended. */
export class Decision extends Schema.Class<Decision>("@pecia/sales/Decision")({
  /** Time of the chain, in unix seconds. */
  atSeconds: Schema.BigInt,
  requestId: RequestId,
  /** Missing: it concerns the whole request. */
  slotIndex: Schema.optionalKey(Schema.BigInt),
  /** `Refused` for good; `Postponed` until space, terms or tokens change; `Skipped` because another host has the slot. */
  verdict: Schema.Literals(["Taken", "Refused", "Postponed", "Skipped", "Ended"]),
  /** A sentence for people. */
  reason: Schema.String,
}) {}
