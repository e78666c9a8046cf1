import { Schema } from "effect"
import { bytes32From } from "./internal/bytes32.ts"
import { fromHex, toHex } from "./internal/hex.ts"

const schema = Schema.String.pipe(Schema.check(Schema.isPattern(/^0x[0-9a-f]{64}$/)), Schema.brand("ContentHash"))
type ContentHash_ = typeof schema.Type

/**
 * Which data an open request is about: `0x` and 64 lower-case hex digits, the sha2-256 of 64 bytes. These are the digest of the
 * dataset's manifest, then the root of its proof scheme.
 */
export const ContentHash = Object.assign(schema, {
  /** Reads a hash in any case, with or without `0x`. */
  from: bytes32From("content hash", schema.make),
  /** The hash that has these 32 bytes. Any other number of bytes is a defect. */
  fromBytes: (bytes: Uint8Array): ContentHash_ => schema.make(toHex(bytes)),
  toBytes: (hash: ContentHash_): Uint8Array => fromHex(hash.slice(2)),
})
export type ContentHash = ContentHash_
