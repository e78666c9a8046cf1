import type { Connection } from "@libp2p/interface"
import { type Cid, sizeBytesMax } from "@pecia/datasets"
import { Effect, Result } from "effect"
import * as ByteReader from "./byteReader.ts"
import * as limits from "./limits.ts"
import * as messages from "./messages.ts"
import * as Streams from "./streams.ts"
import { PeerMisbehaved, type Wire } from "./wire.ts"

/** What an honest reply can have at most, headers included. */
const replySizeBytesMax = limits.batchBytesMax + limits.batchBlocksMax * (1 + messages.lengthSizeBytes)

/** Waits only for what is not there yet: of the many small steps of a transfer most need no waiting. */
const readAnswer = Effect.fnUntraced(function* (reader: ByteReader.ByteReader, cid: Cid) {
  if (!reader.isThere(1)) yield* reader.until(1)
  const [status] = reader.shift(1)
  if (status === messages.statusNotFound) return undefined
  if (status !== messages.statusFound) return yield* new PeerMisbehaved({ detail: `it answered with status ${status}` })
  if (!reader.isThere(messages.lengthSizeBytes)) yield* reader.until(messages.lengthSizeBytes)
  const sizeBytes = messages.readLength(reader.shift(messages.lengthSizeBytes))
  const limit = sizeBytesMax(cid)
  if (sizeBytes > limit) {
    return yield* new PeerMisbehaved({
      detail: `it announced ${sizeBytes} bytes for block ${cid}, and ${limit} are the limit`,
    })
  }
  if (!reader.isThere(sizeBytes)) yield* reader.until(sizeBytes)
  return reader.shift(sizeBytes)
})

/** The asker's side of one request. */
export const askBlocks = Effect.fnUntraced(function* (
  connection: Connection,
  cids: ReadonlyArray<Cid>,
  take: Parameters<Wire["ask"]>[2],
) {
  const stream = yield* Streams.open(connection)
  const reader = ByteReader.make(stream, replySizeBytesMax)
  yield* Streams.send(stream, messages.encodeRequest(cids))
  yield* Streams.finish(stream)
  for (const [index, cid] of cids.entries()) {
    const taken = take(cid, index, yield* readAnswer(reader, cid))
    if (Result.isFailure(taken)) return yield* taken.failure
  }
  yield* reader.end
}, Effect.scoped)
