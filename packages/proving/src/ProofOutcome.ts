import { SlotId } from "@pecia/contracts-abi"
import { Schema } from "effect"

const of = { slotId: SlotId, period: Schema.BigInt }

/** What came of proving a slot in a period. The slot of a contract has the id of its offer (`OfferId.slotId`). */
export const ProofOutcome = Schema.TaggedUnion({
  /** The proof is mined. */
  Submitted: of,
  /** A proof of the period was in already: ours from before a restart, or someone else's. */
  AlreadyIn: of,
  /** An attempt failed; more follow while the period lasts. */
  Failed: { ...of, detail: Schema.String },
  /** The contract refuses the proof of the challenge that it still has; told once a period. More attempts follow, at leisure. */
  Refused: { ...of, detail: Schema.String },
  /** The period is nearly over and no proof is in, though one is due, or it could not be learnt whether one is. */
  Late: of,
  /** The period is over without the proof that was due: it can be marked as missing. */
  Missed: of,
})
export type ProofOutcome = typeof ProofOutcome.Type
