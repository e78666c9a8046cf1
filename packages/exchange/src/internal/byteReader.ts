import type { Stream, StreamCloseEvent, StreamMessageEvent } from "@libp2p/interface"
import { Effect } from "effect"
import * as limits from "./limits.ts"
import { PeerLost, PeerMisbehaved } from "./wire.ts"

/** Reads a stream by numbers of bytes. Never keeps more than `unreadBytesMax` bytes: a peer that sends more has its stream aborted. */
export interface ByteReader {
  readonly isThere: (bytes: number) => boolean
  /** Ends when so many bytes are there. */
  readonly until: (bytes: number) => Effect.Effect<void, PeerLost | PeerMisbehaved>
  /** Takes bytes that are there: less are a defect. */
  readonly shift: (bytes: number) => Uint8Array
  readonly take: (bytes: number) => Effect.Effect<Uint8Array, PeerLost | PeerMisbehaved>
  /** The peer has nothing more to say. */
  readonly end: Effect.Effect<void, PeerLost | PeerMisbehaved>
}

/** Takes bytes off the front of the chunks, which have that many. */
const shiftChunks = (chunks: Array<Uint8Array>, bytes: number): Uint8Array => {
  const taken = Buffer.allocUnsafe(bytes)
  let filled = 0
  while (filled < bytes) {
    const head = chunks[0]
    if (head === undefined) break
    const part = head.subarray(0, bytes - filled)
    taken.set(part, filled)
    filled += part.length
    if (part.length === head.length) chunks.shift()
    else chunks[0] = head.subarray(part.length)
  }
  return taken
}

export const make = (stream: Stream, unreadBytesMax: number): ByteReader => {
  const unread: Array<Uint8Array> = []
  let unreadBytes = 0
  let closed: { readonly detail: string | undefined } | undefined
  let isTooMuch = false
  let wake = () => {}

  stream.addEventListener("message", ({ data }: StreamMessageEvent) => {
    if (data instanceof Uint8Array) unread.push(data)
    else unread.push(...data)
    unreadBytes += data.byteLength
    if (unreadBytes > unreadBytesMax) {
      isTooMuch = true
      stream.abort(new Error("more bytes than were asked for"))
    }
    wake()
  })
  const onClosed = (detail: string | undefined) => {
    closed ??= { detail }
    wake()
  }
  stream.addEventListener("end", () => onClosed(undefined))
  stream.addEventListener("close", ({ error }: StreamCloseEvent) => onClosed(error?.message))
  if (stream.readableEnded) onClosed(undefined)

  const more = Effect.callback<void>((resume) => {
    wake = () => resume(Effect.void)
  }).pipe(
    Effect.timeoutOrElse({
      duration: limits.silenceTimeout,
      orElse: () => new PeerLost({ detail: `it was silent for ${limits.silenceTimeout}` }),
    }),
  )

  const tooMuch = new PeerMisbehaved({ detail: "it sent more bytes than it was asked for" })

  const until = Effect.fnUntraced(function* (bytes: number) {
    while (unreadBytes < bytes) {
      if (isTooMuch) return yield* tooMuch
      if (closed !== undefined) {
        return yield* new PeerLost({
          detail: `it closed the stream too early${closed.detail ? ` (${closed.detail})` : ""}`,
        })
      }
      yield* more
    }
  })

  const shift = (bytes: number) => {
    if (unreadBytes < bytes) throw new RangeError(`${bytes} bytes are taken, and ${unreadBytes} are there`)
    unreadBytes -= bytes
    return shiftChunks(unread, bytes)
  }

  return {
    isThere: (bytes) => unreadBytes >= bytes,
    until,
    shift,
    take: (bytes) => Effect.map(until(bytes), () => shift(bytes)),
    end: Effect.gen(function* () {
      while (closed === undefined && unreadBytes === 0) yield* more
      if (isTooMuch || unreadBytes > 0) return yield* tooMuch
    }),
  }
}
