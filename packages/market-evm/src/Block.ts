import { Schema } from "effect"
import { Hash, Quantity } from "./internal/quantity.ts"

/** A block of the chain, as far as its readers care. */
export const Block = Schema.Struct({
  number: Quantity,
  hash: Hash,
  parentHash: Hash,
  /** Unix seconds. */
  timestamp: Quantity,
  /** Missing on chains without EIP-1559. */
  baseFeePerGas: Schema.optionalKey(Quantity),
})
export type Block = typeof Block.Type

/** Which state a view is asked for: that of a block, of the newest one, or the one that the next transaction will see. */
export type BlockTag = bigint | "latest" | "pending"
