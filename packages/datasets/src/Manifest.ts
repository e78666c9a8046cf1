import * as DagCbor from "@ipld/dag-cbor"
import { Result, Schema } from "effect"
import { Block, blockSizeBytes, Cid, isDataCid, isMetadataCid } from "./Block.ts"

/** A block is not what its place demands: not dag-cbor, sizes that do not add up, too large. */
export class InvalidManifest extends Schema.TaggedError<InvalidManifest>()("InvalidManifest", {
  cid: Cid,
  detail: Schema.String,
}) {
  override get message() {
    return `${this.cid} is not a manifest that can be used: ${this.detail}.`
  }
}

/** What a dataset is. Stored as dag-cbor; its CID is the dataset's CID. */
export interface Manifest {
  readonly sizeBytes: bigint
  readonly blockSizeBytes: number
  /** The dag-cbor list of the CIDs of its data blocks, in order. */
  readonly tree: Cid
  readonly filename: string | null
  readonly mimetype: string | null
}

/** How a dataset is laid out over the slots of a request. Stored as dag-cbor; its CID stands in the request's content. */
export interface SlotManifest {
  /** The dataset. */
  readonly manifest: Cid
  readonly slotSizeBytes: bigint
  /** The 32-byte root of each slot's tree, by index. */
  readonly slotRoots: ReadonlyArray<Uint8Array>
}

/** The most data blocks that one list of 1 MiB can name: 41 bytes each, and at most 3 for the length. */
export const blocksMax = 25_574

/** The most bytes of a dataset, about 1.6 GiB. */
export const datasetSizeBytesMax = BigInt(blocksMax) * BigInt(blockSizeBytes)

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
const DataCid = Cid.check(Schema.makeFilter((cid) => isDataCid(cid), { message: "must be the CID of a data block" }))
const MetadataCid = Cid.check(
  Schema.makeFilter((cid) => isMetadataCid(cid), { message: "must be the CID of a metadata block" }),
)
const Root = Schema.Uint8Array.check(Schema.makeFilter((root) => root.length === 32, { message: "must have 32 bytes" }))

/** As on the wire; the keys are part of the format. */
const ManifestWire = Schema.Struct({
  version: Schema.Literal(1),
  size: Size,
  blockSize: Schema.Literal(blockSizeBytes),
  tree: MetadataCid,
  filename: Schema.NullOr(Filename),
  mimetype: Schema.NullOr(Mimetype),
})

const BlockListWire = Schema.Array(DataCid)

const SlotManifestWire = Schema.Struct({
  version: Schema.Literal(1),
  manifest: MetadataCid,
  slotSize: Size.check(
    Schema.makeFilter((size) => size > 0 && size % blockSizeBytes === 0, { message: "must be a multiple of 65536" }),
  ),
  slotRoots: Schema.Array(Root).check(Schema.isMinLength(1)),
})

/** What has been checked by its Schema and encodes to more than a block may have is the caller's mistake. */
const encode = (value: unknown): Block => Result.getOrThrow(Block.metadata(DagCbor.encode(value)))

const decode = <A, E>(schema: Schema.Codec<A, E>, block: Block): Result.Result<A, InvalidManifest> => {
  const invalid = (detail: string) => new InvalidManifest({ cid: block.cid, detail })
  if (!isMetadataCid(block.cid)) return Result.fail(invalid("its CID is not one of dag-cbor"))
  return Result.try({
    try: (): unknown => DagCbor.decode(block.bytes),
    catch: (cause) => invalid(`not dag-cbor (${cause instanceof Error ? cause.message : String(cause)})`),
  }).pipe(
    Result.flatMap((value) =>
      Schema.decodeUnknownResult(schema)(value).pipe(
        Result.mapError((error) => invalid(error.message.replaceAll("\n", " "))),
      ),
    ),
    // One value has one encoding: this refuses unknown fields, doubled keys and other orders of the same fields.
    Result.filterOrFail(
      (value) => Buffer.compare(DagCbor.encode(value), block.bytes) === 0,
      () => invalid("it is not in canonical form"),
    ),
  )
}

const blockCount = (manifest: Manifest): number => Math.ceil(Number(manifest.sizeBytes) / manifest.blockSizeBytes)

export const Manifest = {
  /** The block of a manifest whose fields are in their ranges. */
  encode: (manifest: Manifest): Block =>
    encode({
      version: 1,
      size: Number(manifest.sizeBytes),
      blockSize: manifest.blockSizeBytes,
      tree: manifest.tree,
      filename: manifest.filename,
      mimetype: manifest.mimetype,
    }),

  /** Reads a stranger's manifest. */
  decode: (block: Block): Result.Result<Manifest, InvalidManifest> =>
    Result.map(decode(ManifestWire, block), (wire) => ({
      sizeBytes: BigInt(wire.size),
      blockSizeBytes: wire.blockSize,
      tree: wire.tree,
      filename: wire.filename,
      mimetype: wire.mimetype,
    })),

  /** How many data blocks the dataset has. */
  blockCount,

  /** How many bytes its data block of this index has. */
  blockBytes: (manifest: Manifest, index: number): number =>
    Math.min(manifest.blockSizeBytes, Number(manifest.sizeBytes) - index * manifest.blockSizeBytes),
}

/** The list of a dataset's data blocks: what `Manifest.tree` names. */
export const BlockList = {
  /** At most `blocksMax` CIDs. */
  encode: (cids: ReadonlyArray<Cid>): Block => encode(cids),

  /** Reads a stranger's list, which must name as many blocks as the manifest's size takes. */
  decode: (block: Block, manifest: Manifest): Result.Result<ReadonlyArray<Cid>, InvalidManifest> =>
    decode(BlockListWire, block).pipe(
      Result.filterOrFail(
        (cids) => cids.length === blockCount(manifest),
        (cids) =>
          new InvalidManifest({
            cid: block.cid,
            detail: `it lists ${cids.length} blocks, and ${manifest.sizeBytes} bytes take ${blockCount(manifest)}`,
          }),
      ),
    ),
}

export const SlotManifest = {
  /** The block of a slot manifest that has passed `SlotLayout.make`. */
  encode: (slotManifest: SlotManifest): Block =>
    encode({
      version: 1,
      manifest: slotManifest.manifest,
      slotSize: Number(slotManifest.slotSizeBytes),
      slotRoots: slotManifest.slotRoots,
    }),

  /** Reads a stranger's slot manifest. Whether it fits its dataset is for `SlotLayout.make` to say. */
  decode: (block: Block): Result.Result<SlotManifest, InvalidManifest> =>
    Result.map(decode(SlotManifestWire, block), (wire) => ({
      manifest: wire.manifest,
      slotSizeBytes: BigInt(wire.slotSize),
      slotRoots: wire.slotRoots,
    })),
}
