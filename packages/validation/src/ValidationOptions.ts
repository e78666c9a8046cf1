import type { ChainError } from "@pecia/market"
import type { Effect } from "effect"
import type { SlotGroup } from "./SlotGroup.ts"

/** `Id` is the id of a slot, or of an offer whose contract it is. */
export interface ValidationOptions<Id> {
  /**
   * What to watch: all that hosts keep (default), a share of it, or what this effect lists; it is asked at least once a period. A group
   * that is none is a defect.
   */
  readonly watch?: "all" | SlotGroup | Effect.Effect<ReadonlyArray<Id>, ChainError>
  /** How many are watched at the most; by default 1,000. */
  readonly maxSlots?: number
  /** Where reading the chain begins, for whoever has no list; nothing that was filled before that block is found. By default 0. */
  readonly fromBlock?: bigint
}
