import type { Connection, Stream as Libp2pStream } from "@libp2p/interface"
import { type Cid, cidSizeBytes, sizeBytesMax } from "@pecia/datasets"
import { Effect, Result, Semaphore } from "effect"
import { batchesOf } from "./batches.ts"
import * as ByteReader from "./byteReader.ts"
import * as limits from "./limits.ts"
import * as LocalAnswer from "./localAnswer.ts"
import * as messages from "./messages.ts"
import * as Shares from "./shares.ts"
import * as Streams from "./streams.ts"
import { PeerMisbehaved } from "./wire.ts"

const readRequest = Effect.fnUntraced(function* (stream: Libp2pStream) {
  const reader = ByteReader.make(stream, messages.lengthSizeBytes + messages.requestSizeBytesMax)
  const sizeBytes = messages.readLength(yield* reader.take(messages.lengthSizeBytes))
  if (sizeBytes === 0 || sizeBytes > messages.requestSizeBytesMax || sizeBytes % cidSizeBytes !== 0) {
    return yield* new PeerMisbehaved({ detail: `a request of ${sizeBytes} bytes` })
  }
  const cids = messages.decodeRequest(yield* reader.take(sizeBytes))
  if (Result.isFailure(cids)) return yield* new PeerMisbehaved({ detail: cids.failure.message })
  yield* reader.end
  return cids.success
})

const bytesOf = (chunk: ReadonlyArray<Cid>) =>
  Math.min(
    chunk.reduce((bytes, cid) => bytes + sizeBytesMax(cid), 0),
    limits.unsentBytesOfPeer,
  )

/**
 * The answerer's side: answers a request from the local store, then closes the stream. Never fails: a bad stream is aborted.
 *
 * A chunk is read when the peer has taken enough of what was read for it before, and when it is its turn: a peer that reads
 * slowly costs itself only, and one that asks for much waits as often as it asks.
 */
export const make = Effect.gen(function* () {
  const read = yield* LocalAnswer.make
  const turns = yield* Semaphore.make(limits.chunksRead)
  const shares = Shares.make(limits.unsentBytesOfPeer)

  const answer = Effect.fnUntraced(function* (stream: Libp2pStream, unsent: Semaphore.Semaphore) {
    const cids = yield* readRequest(stream)
    for (const chunk of batchesOf(cids, { blocksMax: limits.batchBlocksMax, bytesMax: limits.chunkBytesMax })) {
      yield* Effect.forEach(chunk, read).pipe(
        turns.withPermit,
        Effect.flatMap((blocks) => Streams.send(stream, messages.encodeAnswers(blocks))),
        unsent.withPermits(bytesOf(chunk)),
      )
    }
    yield* Streams.finish(stream)
  })

  return (stream: Libp2pStream, connection: Connection) => {
    const peer = connection.remotePeer.toString()
    return shares
      .use(peer, ({ permits, users }) =>
        users > limits.requestsFromPeer
          ? new PeerMisbehaved({ detail: `more than ${limits.requestsFromPeer} requests at once` })
          : Effect.andThen(Streams.whileOpen(Effect.succeed(stream)), answer(stream, permits)).pipe(
              Effect.timeoutOrElse({
                duration: limits.requestTimeout,
                orElse: () => new PeerMisbehaved({ detail: `a reply that took more than ${limits.requestTimeout}` }),
              }),
            ),
      )
      .pipe(
        Effect.scoped,
        Effect.catch(({ detail }) =>
          Effect.andThen(
            Effect.sync(() => stream.abort(new Error(detail))),
            Effect.logDebug(`A request of peer ${peer} was not answered: ${detail}.`),
          ),
        ),
      )
  }
})
