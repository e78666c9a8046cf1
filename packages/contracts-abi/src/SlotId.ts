import { Schema } from "effect"
import { keccak256 } from "ethers"
import { AbiWriter } from "./internal/AbiWriter.ts"
import { bytes32From } from "./internal/bytes32.ts"
import type { RequestId } from "./RequestId.ts"

const schema = Schema.String.pipe(Schema.check(Schema.isPattern(/^0x[0-9a-f]{64}$/)), Schema.brand("SlotId"))

/** keccak256 of the ABI-encoded request id and slot index (contract interface, section 1): `0x` and 64 lower-case hex digits. */
export const SlotId = Object.assign(schema, {
  /** Reads an id in any case, with or without `0x`. */
  from: bytes32From("slot id", schema.make),
})
export type SlotId = typeof schema.Type

/** The id of a slot. An index that is no uint256 is a defect. */
export const slotId = (requestId: RequestId, slotIndex: bigint): SlotId =>
  SlotId.make(keccak256(new AbiWriter(64).hex(requestId).uint(slotIndex).bytes))
