import * as DagCbor from "@ipld/dag-cbor"
import { Effect, Result, Schema, Stream } from "effect"
import { varint } from "multiformats"
import { Block, Cid, cidSizeBytes, decodeCid, metadataSizeBytesMax } from "../Block.ts"
import { InvalidCar } from "../InvalidCar.ts"

/** A header has a few roots, anything else a name and a block. */
const headerSizeBytesMax = 4096
const sectionSizeBytesMax = cidSizeBytes + metadataSizeBytesMax

/** Bytes of the longest length that is not refused. */
const lengthSizeBytesMax = 4

export type CarPart =
  | { readonly _tag: "Header"; readonly roots: ReadonlyArray<Cid> }
  | { readonly _tag: "Block"; readonly block: Block }

const invalid = (detail: string) => new InvalidCar({ detail })

const Header = Schema.Struct({ version: Schema.Literal(1), roots: Schema.Array(Cid) })

const decodeHeader = (bytes: Uint8Array): Result.Result<CarPart, InvalidCar> =>
  Result.try({ try: (): unknown => DagCbor.decode(bytes), catch: () => invalid("its header is not dag-cbor") }).pipe(
    Result.flatMap((value) =>
      Schema.decodeUnknownResult(Header)(value).pipe(
        Result.mapError(() => invalid("its header is not that of version 1")),
      ),
    ),
    Result.map(({ roots }): CarPart => ({ _tag: "Header", roots })),
  )

const decodeBlock = (bytes: Uint8Array): Result.Result<CarPart, InvalidCar> =>
  decodeCid(bytes.subarray(0, cidSizeBytes)).pipe(
    Result.flatMap((cid) => Block.verify(cid, bytes.slice(cidSizeBytes))),
    Result.mapBoth({
      onSuccess: (block): CarPart => ({ _tag: "Block", block }),
      onFailure: ({ message }) => invalid(message.replace(/\.$/, "")),
    }),
  )

/** Bytes that have come and are not read yet: never more than one section and the chunk that ended it. */
class Pending {
  private chunks: Array<Uint8Array> = []
  private sizeBytes = 0
  private isHeader = true
  /** How many bytes there have to be before it is worth looking. */
  private needed = 1

  get isEmpty() {
    return this.sizeBytes === 0 && !this.isHeader
  }

  /** Takes a chunk; answers with the sections that it completes. */
  *add(chunk: Uint8Array): Generator<Result.Result<CarPart, InvalidCar>> {
    this.chunks.push(chunk)
    this.sizeBytes += chunk.length
    if (this.sizeBytes < this.needed) return
    let bytes = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks)
    for (let length = lengthOf(bytes); ; length = lengthOf(bytes)) {
      if (length === undefined && bytes.length >= lengthSizeBytesMax) return yield Result.fail(tooLong(this.isHeader))
      const end = length === undefined ? bytes.length + 1 : length.value + length.sizeBytes
      if (length !== undefined && length.value > (this.isHeader ? headerSizeBytesMax : sectionSizeBytesMax))
        return yield Result.fail(tooLong(this.isHeader))
      this.needed = end
      if (length === undefined || bytes.length < end) break
      const section = bytes.subarray(length.sizeBytes, end)
      yield this.isHeader ? decodeHeader(section) : decodeBlock(section)
      this.isHeader = false
      bytes = bytes.subarray(end)
      this.needed = 1
      if (bytes.length === 0) break
    }
    // A copy, which does not keep alive the chunk that it came in.
    this.chunks = bytes.length === 0 ? [] : [bytes.slice()]
    this.sizeBytes = bytes.length
  }
}

const tooLong = (isHeader: boolean) =>
  isHeader
    ? invalid(`it begins with something longer than the ${headerSizeBytesMax} bytes that a header may have`)
    : invalid(`one of its blocks is longer than ${metadataSizeBytesMax} bytes`)

/** The number at the beginning, and how many bytes it takes; undefined: its end is not there yet, or too far away. */
const lengthOf = (bytes: Uint8Array) => {
  const end = bytes.subarray(0, lengthSizeBytesMax).findIndex((byte) => byte < 0x80) + 1
  return end === 0 ? undefined : { value: varint.decode(bytes.subarray(0, end))[0], sizeBytes: end }
}

/** The header of an archive and its blocks, each compared with its name, as they come. */
export const carParts = <E, R>(bytes: Stream.Stream<Uint8Array, E, R>): Stream.Stream<CarPart, E | InvalidCar, R> =>
  Stream.suspend(() => {
    const pending = new Pending()
    const end = Effect.suspend(() =>
      pending.isEmpty ? Effect.void : Effect.fail(invalid("it is cut off before its end")),
    )
    return bytes.pipe(
      Stream.flatMap((chunk) => Stream.fromIterable(pending.add(chunk), { chunkSize: 1 })),
      Stream.mapEffect(Effect.fromResult),
      Stream.onEnd(end),
    )
  })
