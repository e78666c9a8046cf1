import type { Connection } from "@libp2p/interface"
import { type Cid, sizeBytesMax } from "@pecia/datasets"
import { Effect, Stream } from "effect"
import * as ByteReader from "./byteReader.ts"
import * as limits from "./limits.ts"
import * as messages from "./messages.ts"
import * as Streams from "./streams.ts"
import { PeerMisbehaved } from "./wire.ts"

/** What an honest reply can have at most, headers included. */
const replySizeBytesMax = limits.batchBytesMax + limits.batchBlocksMax * (1 + messages.lengthSizeBytes)

const readAnswer = Effect.fnUntraced(function* (reader: ByteReader.ByteReader, cid: Cid) {
  const [status] = yield* reader.take(1)
  if (status === messages.statusNotFound) return undefined
  if (status !== messages.statusFound) return yield* new PeerMisbehaved({ detail: `it answered with status ${status}` })
  const sizeBytes = messages.readLength(yield* reader.take(messages.lengthSizeBytes))
  const limit = sizeBytesMax(cid)
  if (sizeBytes > limit) {
    return yield* new PeerMisbehaved({
      detail: `it announced ${sizeBytes} bytes for block ${cid}, and ${limit} are the limit`,
    })
  }
  return yield* reader.take(sizeBytes)
})

/** The asker's side of one request. */
export const askBlocks = (connection: Connection, cids: ReadonlyArray<Cid>) =>
  Effect.gen(function* () {
    const stream = yield* Streams.open(connection)
    const reader = ByteReader.make(stream, replySizeBytesMax)
    yield* Streams.send(stream, messages.encodeRequest(cids))
    yield* Streams.finish(stream)
    return Stream.fromIterable(cids).pipe(
      Stream.mapEffect((cid) => readAnswer(reader, cid)),
      Stream.concat(Stream.fromEffectDrain(reader.end)),
    )
  }).pipe(Stream.unwrap)
