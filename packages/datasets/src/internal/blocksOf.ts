import { Result, Stream } from "effect"
import { Block, blockSizeBytes } from "../Block.ts"

/** A large chunk as several small ones, so that it is not cut and copied all at once. */
function* pieces(chunk: Uint8Array) {
  for (let start = 0; start < chunk.length; start += blockSizeBytes) yield chunk.subarray(start, start + blockSizeBytes)
}

interface Cut {
  readonly bytes: Uint8Array
  /** Whether no block came before. */
  readonly isFirst: boolean
  filled: number
}

const blank = (isFirst: boolean): Cut => ({ bytes: new Uint8Array(blockSizeBytes), isFirst, filled: 0 })

const block = (bytes: Uint8Array) => Result.getOrThrow(Block.data(bytes))

/** Adds a piece, which fills the cut at most once. */
const fill = (cut: Cut, piece: Uint8Array): readonly [Cut, ReadonlyArray<Block>] => {
  const head = piece.subarray(0, blockSizeBytes - cut.filled)
  cut.bytes.set(head, cut.filled)
  cut.filled += head.length
  if (cut.filled < blockSizeBytes) return [cut, []]
  const next = blank(false)
  next.bytes.set(piece.subarray(head.length))
  next.filled = piece.length - head.length
  return [next, [block(cut.bytes)]]
}

/** Cuts bytes into blocks of 64 KiB, however they are chunked; only the last one may be shorter. No bytes are one block of no bytes. */
export const blocksOf = <E, R>(bytes: Stream.Stream<Uint8Array, E, R>): Stream.Stream<Block, E, R> =>
  bytes.pipe(
    Stream.flatMap((chunk) => Stream.fromIterable(pieces(chunk), { chunkSize: 1 })),
    Stream.mapAccum(() => blank(true), fill, {
      onHalt: (cut) => (cut.filled === 0 && !cut.isFirst ? [] : [block(cut.bytes.slice(0, cut.filled))]),
    }),
  )
