import type { Cid } from "./Block.ts"

/** What a dataset is. Stored as dag-cbor; its CID is the dataset's CID. */
export interface Manifest {
  readonly sizeBytes: bigint
  readonly blockSizeBytes: number
  /** The dag-cbor list of the CIDs of its data blocks, in order. */
  readonly tree: Cid
  readonly filename: string | null
  readonly mimetype: string | null
}

/** How a dataset is laid out over the slots of a request. Stored as dag-cbor; its CID stands in the request's content. */
export interface SlotManifest {
  /** The dataset. */
  readonly manifest: Cid
  readonly slotSizeBytes: bigint
  /** The 32-byte root of each slot's tree, by index. */
  readonly slotRoots: ReadonlyArray<Uint8Array>
}
