import type { Connection, Stream as Libp2pStream } from "@libp2p/interface"
import { cidSizeBytes } from "@pecia/datasets"
import { Effect, Result, Semaphore, Stream } from "effect"
import * as ByteReader from "./byteReader.ts"
import * as limits from "./limits.ts"
import * as LocalAnswer from "./localAnswer.ts"
import * as messages from "./messages.ts"
import * as Streams from "./streams.ts"
import { PeerMisbehaved } from "./wire.ts"

/** Blocks that are read ahead while one is sent. */
const readAhead = 2

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

/** The answerer's side: answers a request from the local store, then closes the stream. Never fails: a bad stream is aborted. */
export const make = Effect.gen(function* () {
  const read = yield* LocalAnswer.make
  const served = yield* Semaphore.make(limits.requestsServed)
  const requestsOf = new Map<string, number>()

  const answer = Effect.fnUntraced(function* (stream: Libp2pStream) {
    const cids = yield* readRequest(stream)
    yield* Stream.fromIterable(cids).pipe(
      Stream.mapEffect(read, { concurrency: readAhead }),
      Stream.runForEach((bytes) => Streams.send(stream, messages.encodeAnswer(bytes))),
      served.withPermit,
    )
    yield* Streams.finish(stream)
  })

  return (stream: Libp2pStream, connection: Connection) => {
    const peer = connection.remotePeer.toString()
    const under = (change: number) =>
      Effect.sync(() => {
        const requests = (requestsOf.get(peer) ?? 0) + change
        if (requests === 0) requestsOf.delete(peer)
        else requestsOf.set(peer, requests)
        return requests
      })
    return Effect.acquireUseRelease(
      under(1),
      (requests) =>
        requests > limits.requestsFromPeer
          ? new PeerMisbehaved({ detail: `more than ${limits.requestsFromPeer} requests at once` })
          : Effect.andThen(Streams.whileOpen(Effect.succeed(stream)), answer(stream)).pipe(
              Effect.timeoutOrElse({
                duration: limits.requestTimeout,
                orElse: () => new PeerMisbehaved({ detail: `a reply that took more than ${limits.requestTimeout}` }),
              }),
            ),
      () => under(-1),
    ).pipe(
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
