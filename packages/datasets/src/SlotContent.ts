import { Result, Schema } from "effect"
import { Block, Cid, cidOfDigest, digestSizeBytes, isDataCid, isMetadataCid } from "./Block.ts"

/** A block that is not the content of a slot. */
export class InvalidSlotContent extends Schema.TaggedError<InvalidSlotContent>()("InvalidSlotContent", {
  cid: Cid,
  detail: Schema.String,
}) {
  override get message() {
    return `${this.cid} does not say what the content of a slot is: ${this.detail}.`
  }
}

/** One slot of a dataset, as a block of its own names it: the sha2-256 of that block stands for the slot's data. */
export interface SlotContent {
  /** The slot manifest (dag-cbor), which has the slot among others. */
  readonly manifest: Cid
  /** The root of the slot's tree, 32 bytes. The slot is the first one with this root in the manifest. */
  readonly slotRoot: Uint8Array
}

const sizeBytes = 2 * digestSizeBytes

export const SlotContent = {
  /** The raw block, 64 bytes: the digest of the manifest, then the root. A manifest of another kind or a root of another length is a defect. */
  encode: ({ manifest, slotRoot }: SlotContent): Block => {
    if (!isMetadataCid(manifest) || slotRoot.length !== digestSizeBytes) {
      throw new RangeError(`${manifest} and ${slotRoot.length} bytes are not the content of a slot`)
    }
    const bytes = new Uint8Array(sizeBytes)
    bytes.set(manifest.multihash.digest)
    bytes.set(slotRoot, digestSizeBytes)
    return Result.getOrThrow(Block.data(bytes))
  },

  /** Reads a stranger's block. Whether there are such a manifest and such a slot is not looked at. */
  decode: ({ cid, bytes }: Block): Result.Result<SlotContent, InvalidSlotContent> => {
    const invalid = (detail: string) => Result.fail(new InvalidSlotContent({ cid, detail }))
    if (!isDataCid(cid)) return invalid("its CID is not one of data")
    if (bytes.length !== sizeBytes) return invalid(`it has ${bytes.length} bytes, not ${sizeBytes}`)
    return Result.succeed({
      manifest: cidOfDigest("metadata", bytes.subarray(0, digestSizeBytes)),
      slotRoot: new Uint8Array(bytes.subarray(digestSizeBytes)),
    })
  },

  /** The CID of the block with this sha2-256, 32 bytes, which a request carries as its `contentHash`. Another length is a defect. */
  cid: (hash: Uint8Array): Cid => cidOfDigest("data", hash),
}
