import type { Connection, Stream } from "@libp2p/interface"
import { Effect, Exit } from "effect"
import type { Uint8ArrayList } from "uint8arraylist"
import * as limits from "./limits.ts"
import { protocol } from "./messages.ts"
import { reasonOf } from "./reasons.ts"
import { PeerLost } from "./wire.ts"

const isOver = (stream: Stream) => stream.status !== "open" && stream.status !== "closing"

/** A stream that is aborted when its work fails, is interrupted, or leaves it half open. */
export const whileOpen = <R>(open: Effect.Effect<Stream, PeerLost, R>) =>
  Effect.acquireRelease(open, (stream, exit) =>
    Effect.sync(() => {
      if (!isOver(stream)) stream.abort(new Error(Exit.isSuccess(exit) ? "done" : "given up"))
    }),
  )

export const open = (connection: Connection) =>
  whileOpen(
    Effect.tryPromise({
      try: (signal) => connection.newStream(protocol, { signal, maxOutboundStreams: limits.requestsPerPeer * 2 }),
      catch: (cause) => new PeerLost({ detail: `no stream could be opened (${reasonOf(cause)})` }),
    }).pipe(
      Effect.timeoutOrElse({
        duration: limits.openTimeout,
        orElse: () => new PeerLost({ detail: `no stream could be opened within ${limits.openTimeout}` }),
      }),
    ),
  )

/** Ends when the stream would take more. */
export const send = Effect.fnUntraced(function* (stream: Stream, bytes: Uint8Array | Uint8ArrayList) {
  const lost = (cause: unknown) => new PeerLost({ detail: `it takes no more bytes (${reasonOf(cause)})` })
  const canTakeMore = yield* Effect.try({ try: () => stream.send(bytes), catch: lost })
  if (canTakeMore) return
  yield* Effect.tryPromise({ try: (signal) => stream.onDrain({ signal }), catch: lost }).pipe(
    Effect.timeoutOrElse({
      duration: limits.silenceTimeout,
      orElse: () => new PeerLost({ detail: `it took no byte for ${limits.silenceTimeout}` }),
    }),
  )
})

/** Says that nothing more follows; the other side may still be sending. */
export const finish = (stream: Stream) =>
  Effect.tryPromise({
    try: (signal) => stream.close({ signal }),
    catch: (cause) => new PeerLost({ detail: `it takes no more bytes (${reasonOf(cause)})` }),
  }).pipe(
    Effect.timeoutOrElse({
      duration: limits.silenceTimeout,
      orElse: () => new PeerLost({ detail: `it took no byte for ${limits.silenceTimeout}` }),
    }),
  )
