import { type Cid, cidOfDigest, cidSizeBytes, digestSizeBytes } from "@pecia/datasets"
import { Option } from "effect"

/** The blocks of data of a slot by index, none among them, in 36 bytes each: as objects they would weigh ten times as much. */
export const packedCids = (blocks: ReadonlyArray<Option.Option<Cid>>) => {
  const packed = new Uint8Array(blocks.length * cidSizeBytes)
  for (const [index, block] of blocks.entries())
    if (Option.isSome(block)) packed.set(block.value.bytes, index * cidSizeBytes)
  return {
    sizeBytes: packed.length,
    at: (index: number): Option.Option<Cid> => {
      const cid = packed.subarray(index * cidSizeBytes, (index + 1) * cidSizeBytes)
      // Zeros stand for none, and the version of a CID is 1.
      return cid[0] === 1 ? Option.some(cidOfDigest("data", cid.subarray(-digestSizeBytes))) : Option.none()
    },
  }
}
