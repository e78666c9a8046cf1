import type { Period, SlotId } from "@pecia/contracts-abi"
import type { Option } from "effect"

/** How the proofs of a slot that is held stand. The slot of a contract has the id of its offer (`OfferId.slotId`). */
export interface SlotStatus {
  readonly slotId: SlotId
  /** The latest period for which a proof is in. */
  readonly provenIn: Option.Option<Period>
  /** Periods since this service started that ended without the proof that was due. */
  readonly misses: number
  /** Why the latest attempt failed; none: it did not. */
  readonly lastError: Option.Option<string>
}
