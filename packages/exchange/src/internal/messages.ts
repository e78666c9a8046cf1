import { type Cid, cidSizeBytes, decodeCid } from "@pecia/datasets"
import { Result } from "effect"
import { Uint8ArrayList } from "uint8arraylist"
import { batchBlocksMax } from "./limits.ts"

/**
 * /pecia/blocks/2.0.0, one request a stream; integers are big-endian.
 *
 *   request: length of the rest in 4 bytes; CIDs, 36 bytes each; the asker closes its side
 *   reply:   for each CID in order 0 (not here), or 1, length in 4 bytes, bytes; the answerer closes its side
 */
export const protocol = "/pecia/blocks/2.0.0"

export const lengthSizeBytes = 4
export const requestSizeBytesMax = batchBlocksMax * cidSizeBytes

export const statusNotFound = 0
export const statusFound = 1

/** A stranger's length is compared with what is possible before anything is allocated for it. */
export const readLength = (bytes: Uint8Array): number => Buffer.from(bytes).readUInt32BE(0)

const lengthOf = (sizeBytes: number): Uint8Array => {
  const length = Buffer.allocUnsafe(lengthSizeBytes)
  length.writeUInt32BE(sizeBytes)
  return length
}

export const encodeRequest = (cids: ReadonlyArray<Cid>): Uint8Array =>
  Buffer.concat([lengthOf(cids.length * cidSizeBytes), ...cids.map((cid) => cid.bytes)])

/** The CIDs of a request's body, whose length was checked. */
export const decodeRequest = (body: Uint8Array) =>
  Result.all(
    Array.from({ length: body.length / cidSizeBytes }, (_, i) =>
      decodeCid(body.subarray(i * cidSizeBytes, (i + 1) * cidSizeBytes)),
    ),
  )

/** Answers in one list, so that they travel in as few frames as possible. The blocks' bytes are not copied. */
export const encodeAnswers = (blocks: ReadonlyArray<Uint8Array | undefined>): Uint8ArrayList =>
  new Uint8ArrayList(
    ...blocks.flatMap((bytes) =>
      bytes === undefined
        ? [Uint8Array.of(statusNotFound)]
        : [Uint8Array.of(statusFound), lengthOf(bytes.length), bytes],
    ),
  )
