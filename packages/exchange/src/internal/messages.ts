import { type Cid, cidSizeBytes, decodeCid } from "@pecia/datasets"
import { Result } from "effect"
import { batchBlocksMax } from "./limits.ts"

/**
 * /pecia/blocks/1.0.0, one request a stream; integers are big-endian.
 *
 *   request: length of the rest in 4 bytes; CIDs, 36 bytes each; the asker closes its side
 *   reply:   for each CID in order 0 (not here), or 1, length in 4 bytes, bytes; the answerer closes its side
 */
export const protocol = "/pecia/blocks/1.0.0"

export const lengthSizeBytes = 4
export const requestSizeBytesMax = batchBlocksMax * cidSizeBytes

export const statusNotFound = 0
export const statusFound = 1

/** A stranger's length is compared with what is possible before anything is allocated for it. */
export const readLength = (bytes: Uint8Array): number => Buffer.from(bytes).readUInt32BE(0)

const withLength = (prefix: ReadonlyArray<number>, bytes: Uint8Array): Uint8Array => {
  const message = Buffer.allocUnsafe(prefix.length + lengthSizeBytes + bytes.length)
  message.set(prefix)
  message.writeUInt32BE(bytes.length, prefix.length)
  message.set(bytes, prefix.length + lengthSizeBytes)
  return message
}

export const encodeRequest = (cids: ReadonlyArray<Cid>): Uint8Array =>
  withLength([], Buffer.concat(cids.map((cid) => cid.bytes)))

/** The CIDs of a request's body, whose length was checked. */
export const decodeRequest = (body: Uint8Array) =>
  Result.all(
    Array.from({ length: body.length / cidSizeBytes }, (_, i) =>
      decodeCid(body.subarray(i * cidSizeBytes, (i + 1) * cidSizeBytes)),
    ),
  )

export const encodeAnswer = (bytes: Uint8Array | undefined): Uint8Array =>
  bytes === undefined ? Uint8Array.of(statusNotFound) : withLength([statusFound], bytes)
