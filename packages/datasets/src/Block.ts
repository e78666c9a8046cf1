import { Schema } from "effect"
import { CID } from "multiformats/cid"

/** Bytes of a data block; only the last block of a dataset may be shorter. */
export const blockSizeBytes = 65_536

/** The largest block of metadata (a manifest or a list of blocks) that is stored or moved. */
export const metadataSizeBytesMax = 1_048_576

/** The identifier of a block: CIDv1, sha2-256, raw (data) or dag-cbor (metadata). In text: base32. */
export const Cid = Schema.instanceOf(CID)
export type Cid = CID

/** Bytes with their name. Whoever holds a Block has checked that they belong together. */
export interface Block {
  readonly cid: Cid
  readonly bytes: Uint8Array
}
