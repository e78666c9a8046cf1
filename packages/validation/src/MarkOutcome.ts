import { SlotId } from "@pecia/contracts-abi"
import { Schema } from "effect"

const of = { slotId: SlotId, period: Schema.BigInt }

/** What came of a proof that a host owed and did not give. The slot of a contract has the id of its offer (`OfferId.slotId`). */
export const MarkOutcome = Schema.TaggedUnion({
  /** This account has marked it as missing; the transaction is mined. */
  Marked: of,
  /** It was marked already: by another validator, or by this one before a restart. */
  AlreadyMarked: of,
  /** It could not be asked or marked. It is tried again while the contract takes it and the failure may pass. */
  Failed: { ...of, detail: Schema.String },
  /** No try has succeeded in the time that the contract gives; whether a proof was missing is not known. */
  TooLate: of,
})
export type MarkOutcome = typeof MarkOutcome.Type
