import { Schema } from "effect"
import { Data, Hash, Quantity } from "./internal/quantity.ts"

/** What a contract logged, undecoded. */
export const Log = Schema.Struct({
  blockNumber: Quantity,
  blockHash: Hash,
  logIndex: Quantity,
  topics: Schema.Array(Hash),
  data: Data,
})
export type Log = typeof Log.Type

/** The logs of one contract in one block, or in a range of blocks, both ends included. */
export type LogFilter =
  | { readonly address: string; readonly blockHash: string }
  | { readonly address: string; readonly fromBlock: bigint; readonly toBlock: bigint }
