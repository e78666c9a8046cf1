import { type Cid, cidSizeBytes, decodeCid } from "@pecia/datasets"
import { Option, Result } from "effect"

/** The blocks of a slot by index, none among them, in 36 bytes each: as objects they would weigh ten times as much. */
export const packedCids = (blocks: ReadonlyArray<Option.Option<Cid>>) => {
  const packed = new Uint8Array(blocks.length * cidSizeBytes)
  for (const [index, block] of blocks.entries())
    if (Option.isSome(block)) packed.set(block.value.bytes, index * cidSizeBytes)
  return {
    sizeBytes: packed.length,
    // Zeros, which are no CID, stand for none.
    at: (index: number): Option.Option<Cid> =>
      Result.getSuccess(decodeCid(packed.subarray(index * cidSizeBytes, (index + 1) * cidSizeBytes))),
  }
}
