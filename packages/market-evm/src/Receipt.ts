import { Schema } from "effect"
import { Hash, Quantity } from "./internal/quantity.ts"

/** What became of a mined transaction. */
export const Receipt = Schema.Struct({
  blockNumber: Quantity,
  blockHash: Hash,
  gasUsed: Quantity,
  /** 1n: done; 0n: reverted. */
  status: Quantity,
})
export type Receipt = typeof Receipt.Type
