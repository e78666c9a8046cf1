import { Schema } from "effect"
import { Address } from "./Address.ts"
import { Nonce } from "./Nonce.ts"
import { StorageAsk } from "./StorageAsk.ts"
import { StorageContent } from "./StorageContent.ts"
import { Uint256 } from "./Uint.ts"

/** A request for storage, as it stands on the chain. */
export class StorageRequest extends Schema.Class<StorageRequest>("@pecia/contracts-abi/StorageRequest")({
  client: Address,
  ask: StorageAsk,
  content: StorageContent,
  /** Unix seconds; strictly after it an incomplete request is cancelled. */
  expiry: Uint256,
  nonce: Nonce,
}) {}
