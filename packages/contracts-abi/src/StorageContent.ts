import { Schema } from "effect"
import { Uint64 } from "./Uint.ts"

/** The parameters of the proof scheme, opaque to the contract. Pecia's scheme: see `@pecia/proving`. */
export class StoragePor extends Schema.Class<StoragePor>("@pecia/contracts-abi/StoragePor")({
  u: Schema.Uint8Array,
  publicKey: Schema.Uint8Array,
  name: Schema.Uint8Array,
}) {}

/** What is to be stored. */
export class StorageContent extends Schema.Class<StorageContent>("@pecia/contracts-abi/StorageContent")({
  cid: Schema.String,
  erasure: Schema.Struct({ totalChunks: Uint64 }),
  por: StoragePor,
}) {}
