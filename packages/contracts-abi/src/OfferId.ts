import { Schema } from "effect"
import { bytes32From } from "./internal/bytes32.ts"
import { SlotId } from "./SlotId.ts"

const schema = Schema.String.pipe(Schema.check(Schema.isPattern(/^0x[0-9a-f]{64}$/)), Schema.brand("OfferId"))
type OfferId_ = typeof schema.Type

/**
 * keccak256 of the ABI-encoded offer: `0x` and 64 lower-case hex digits. It also names the contract that comes of the offer; in
 * proofs it stands where a slot has its id.
 */
export const OfferId = Object.assign(schema, {
  /** Reads an id in any case, with or without `0x`. */
  from: bytes32From("offer id", schema.make),
  /** The slot that the contract is about, as proofs and their errors name it: the same digits. */
  slotId: (offerId: OfferId_): SlotId => SlotId.make(offerId),
})
export type OfferId = OfferId_
