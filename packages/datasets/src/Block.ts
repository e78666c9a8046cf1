import { hash } from "node:crypto"
import { Result, Schema } from "effect"
import { CID } from "multiformats/cid"
import * as Digest from "multiformats/hashes/digest"

/** Bytes of a data block; only the last block of a dataset may be shorter. */
export const blockSizeBytes = 65_536

/** The largest block of metadata (a manifest or a list of blocks) that is stored or moved. */
export const metadataSizeBytesMax = 1_048_576

const codes = { data: 0x55, node: 0x70, metadata: 0x71 } as const
const sha256Code = 0x12

/** Bytes of a sha2-256. */
export const digestSizeBytes = 32

/** The identifier of a block: CIDv1, sha2-256, raw (data), dag-pb (node of a file) or dag-cbor (metadata). In text: base32. */
export const Cid = Schema.instanceOf(CID)
export type Cid = CID

/** Bytes with their name. Whoever holds a Block has checked that they belong together. */
export interface Block {
  readonly cid: Cid
  readonly bytes: Uint8Array
}

/** A text that is not the identifier of a block, or of one that this network does not know. */
export class IncorrectCid extends Schema.TaggedError<IncorrectCid>()("IncorrectCid", {
  text: Schema.String,
  detail: Schema.String,
}) {
  override get message() {
    return `Incorrect Cid: "${this.text}" ${this.detail}.`
  }
}

/** Bytes that are not the block of that name, or too many for any block. */
export class InvalidBlock extends Schema.TaggedError<InvalidBlock>()("InvalidBlock", {
  cid: Cid,
  detail: Schema.String,
}) {
  override get message() {
    return `These bytes are not block ${this.cid}: ${this.detail}.`
  }
}

/** True for a CID of ours: version 1, raw, dag-pb or dag-cbor, 32 bytes of sha2-256. */
export const isKnownCid = (cid: Cid): boolean => {
  const [version, codec, hashCode, hashSizeBytes] = cid.bytes
  return (
    cid.bytes.length === digestSizeBytes + 4 &&
    version === 1 &&
    (codec === codes.data || codec === codes.node || codec === codes.metadata) &&
    hashCode === sha256Code &&
    hashSizeBytes === digestSizeBytes
  )
}

export const isDataCid = (cid: Cid): boolean => cid.code === codes.data && isKnownCid(cid)
export const isNodeCid = (cid: Cid): boolean => cid.code === codes.node && isKnownCid(cid)
export const isMetadataCid = (cid: Cid): boolean => cid.code === codes.metadata && isKnownCid(cid)

/** The most bytes that the block of this name can have. */
export const sizeBytesMax = (cid: Cid): number => (cid.code === codes.data ? blockSizeBytes : metadataSizeBytesMax)

/** Longer texts are refused unread: base58, base36 and base32 of 36 bytes all stay below it. */
const textLengthMax = 100

const incorrect = (text: string, detail: string) =>
  Result.fail(
    new IncorrectCid({ text: text.length > textLengthMax ? `${text.slice(0, textLengthMax)}...` : text, detail }),
  )

/** Reads a CID as people write it: base32, base36 or base58btc. */
export const parseCid = (text: string): Result.Result<Cid, IncorrectCid> => {
  if (text.length > textLengthMax) return incorrect(text, "is too long")
  return Result.flatMap(
    Result.try({ try: () => CID.parse(text), catch: () => undefined }).pipe(
      Result.mapError(() => new IncorrectCid({ text, detail: "cannot be read as one" })),
    ),
    // Rebuilt from its bytes, so that its text is base32 whatever it was read from.
    (cid) =>
      isKnownCid(cid)
        ? Result.succeed(CID.decode(cid.bytes))
        : incorrect(text, "is not version 1 with sha2-256, raw, dag-pb or dag-cbor"),
  )
}

/** Reads a CID as blocks and messages carry it: 36 bytes. */
export const decodeCid = (bytes: Uint8Array): Result.Result<Cid, IncorrectCid> =>
  Result.try({
    // A copy: a CID must not change with, nor keep alive, the message that it came in.
    try: () => CID.decode(bytes.slice()),
    catch: () => new IncorrectCid({ text: hex(bytes), detail: "cannot be read as one" }),
  }).pipe(
    Result.flatMap((cid) =>
      isKnownCid(cid)
        ? Result.succeed(cid)
        : incorrect(hex(bytes), "is not version 1 with sha2-256, raw, dag-pb or dag-cbor"),
    ),
  )

/** The CID of the block of this kind whose sha2-256 is `digest`: 32 bytes; another length is a defect. */
export const cidOfDigest = (kind: keyof typeof codes, digest: Uint8Array): Cid => {
  if (digest.length !== digestSizeBytes) throw new RangeError(`a sha2-256 has 32 bytes, not ${digest.length}`)
  // A copy, as in decodeCid.
  return CID.createV1(codes[kind], Digest.create(sha256Code, new Uint8Array(digest)))
}

/** Bytes of a CID of ours. */
export const cidSizeBytes = digestSizeBytes + 4

const hex = (bytes: Uint8Array) => Buffer.from(bytes.subarray(0, textLengthMax)).toString("hex")

const digest = (bytes: Uint8Array) => hash("sha256", bytes, "buffer")

const make = (kind: keyof typeof codes, bytes: Uint8Array): Result.Result<Block, InvalidBlock> =>
  checkSize({ cid: cidOfDigest(kind, digest(bytes)), bytes })

const checkSize = (block: Block): Result.Result<Block, InvalidBlock> => {
  const limit = sizeBytesMax(block.cid)
  return block.bytes.length <= limit
    ? Result.succeed(block)
    : Result.fail(
        new InvalidBlock({ cid: block.cid, detail: `${block.bytes.length} bytes, and ${limit} are the limit` }),
      )
}

export const Block = {
  /** Names a block of data: at most 65,536 bytes. */
  data: (bytes: Uint8Array): Result.Result<Block, InvalidBlock> => make("data", bytes),

  /** Names a block of metadata: at most 1 MiB, which the caller has encoded as dag-cbor. */
  metadata: (bytes: Uint8Array): Result.Result<Block, InvalidBlock> => make("metadata", bytes),

  /** Names a node of a file's tree: at most 1 MiB, which the caller has encoded as dag-pb. */
  node: (bytes: Uint8Array): Result.Result<Block, InvalidBlock> => make("node", bytes),

  /** Checks bytes against the name under which they came. */
  verify: (cid: Cid, bytes: Uint8Array): Result.Result<Block, InvalidBlock> => {
    if (!isKnownCid(cid)) return Result.fail(new InvalidBlock({ cid, detail: "its kind is not known here" }))
    return Result.flatMap(checkSize({ cid, bytes }), (block) =>
      digest(bytes).equals(cid.multihash.digest)
        ? Result.succeed(block)
        : Result.fail(new InvalidBlock({ cid, detail: "they hash to something else" })),
    )
  },
}
