import { Schema } from "effect"

/** keccak256 of the ABI-encoded request (contract interface, section 1): `0x` and 64 lower-case hex digits. */
export const RequestId = Schema.String.pipe(Schema.check(Schema.isPattern(/^0x[0-9a-f]{64}$/)), Schema.brand("RequestId"))
export type RequestId = typeof RequestId.Type
