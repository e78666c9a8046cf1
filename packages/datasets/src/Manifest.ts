import { Result, Schema } from "effect"
import { type Block, blockSizeBytes, Cid, isDataCid, isNodeCid } from "./Block.ts"
import type { InvalidManifest } from "./InvalidManifest.ts"
import { decode, encode } from "./internal/dagCbor.ts"

/** What a dataset is. Stored as dag-cbor; its CID is the dataset's CID. */
export interface Manifest {
  readonly sizeBytes: bigint
  readonly blockSizeBytes: number
  /** The root of its `FileTree`. */
  readonly content: Cid
  readonly filename: string | null
  readonly mimetype: string | null
}

/** The most bytes of a dataset: 4 TiB. */
export const datasetSizeBytesMax = 2n ** 42n

/** A file name that a manifest can carry: at most 1024 characters, none of them a control character. */
export const Filename = Schema.String.check(
  Schema.isBetweenLength(1, 1024),
  Schema.isPattern(/^\P{Cc}*$/u, { message: "must not have control characters" }),
)

/** A media type that a manifest can carry: at most 255 printable ASCII characters. */
export const Mimetype = Schema.String.check(
  Schema.isBetweenLength(1, 255),
  Schema.isPattern(/^[\x20-\x7e]*$/, { message: "must be printable ASCII" }),
)

const Size = Schema.Int.check(
  Schema.isBetween(
    { minimum: 0, maximum: Number(datasetSizeBytesMax) },
    { message: `must be at most ${datasetSizeBytesMax}` },
  ),
)

/** As on the wire; the keys are part of the format. */
const ManifestWire = Schema.Struct({
  version: Schema.Literal(2),
  size: Size,
  blockSize: Schema.Literal(blockSizeBytes),
  content: Cid.check(
    Schema.makeFilter((cid) => isDataCid(cid) || isNodeCid(cid), { message: "must be the CID of a file's tree" }),
  ),
  filename: Schema.NullOr(Filename),
  mimetype: Schema.NullOr(Mimetype),
})

/** How many data blocks so many bytes take; a file of no bytes has one block, of no bytes. */
const blockCount = ({ sizeBytes }: Pick<Manifest, "sizeBytes">): number =>
  Math.max(1, Math.ceil(Number(sizeBytes) / blockSizeBytes))

export const Manifest = {
  /** The block of a manifest whose fields are in their ranges. */
  encode: (manifest: Manifest): Block =>
    encode({
      version: 2,
      size: Number(manifest.sizeBytes),
      blockSize: manifest.blockSizeBytes,
      content: manifest.content,
      filename: manifest.filename,
      mimetype: manifest.mimetype,
    }),

  /** Reads a stranger's manifest. */
  decode: (block: Block): Result.Result<Manifest, InvalidManifest> =>
    Result.map(decode(ManifestWire, block), (wire) => ({
      sizeBytes: BigInt(wire.size),
      blockSizeBytes: wire.blockSize,
      content: wire.content,
      filename: wire.filename,
      mimetype: wire.mimetype,
    })),

  blockCount,

  /** How many bytes its data block of this index has. */
  blockBytes: ({ sizeBytes }: Pick<Manifest, "sizeBytes">, index: number): number =>
    Math.min(blockSizeBytes, Number(sizeBytes) - index * blockSizeBytes),
}
