import { Result } from "effect"
import { type Cid, decodeCid } from "../Block.ts"

/** A CID as the key of a map: its bytes as characters, which take a third of the time and half of the room of its text. */
export const blockKey = (cid: Cid): string =>
  Buffer.from(cid.bytes.buffer, cid.bytes.byteOffset, cid.bytes.byteLength).toString("latin1")

export const cidOfKey = (key: string): Cid => Result.getOrThrow(decodeCid(Buffer.from(key, "latin1")))
