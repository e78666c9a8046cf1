import { Schema } from "effect"
import { bytes32From } from "./internal/bytes32.ts"

const schema = Schema.String.pipe(Schema.check(Schema.isPattern(/^0x[0-9a-f]{64}$/)), Schema.brand("RequestId"))

/** keccak256 of the ABI-encoded request (contract interface, section 1): `0x` and 64 lower-case hex digits. */
export const RequestId = Object.assign(schema, {
  /** Reads an id in any case, with or without `0x`. */
  from: bytes32From("request id", schema.make),
})
export type RequestId = typeof schema.Type
