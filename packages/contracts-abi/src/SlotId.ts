import { Schema } from "effect"

/** keccak256 of the ABI-encoded request id and slot index (contract interface, section 1): `0x` and 64 lower-case hex digits. */
export const SlotId = Schema.String.pipe(Schema.check(Schema.isPattern(/^0x[0-9a-f]{64}$/)), Schema.brand("SlotId"))
export type SlotId = typeof SlotId.Type
