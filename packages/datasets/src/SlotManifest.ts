import { Result, Schema } from "effect"
import { type Block, blockSizeBytes, Cid, isMetadataCid } from "./Block.ts"
import type { InvalidManifest } from "./InvalidManifest.ts"
import { decode, encode } from "./internal/dagCbor.ts"
import { datasetSizeBytesMax } from "./Manifest.ts"
import { slotsMax } from "./SlotLayout.ts"
import { partBlocksMax } from "./SlotPart.ts"

/** One slot, as its manifest describes it. */
export interface SlotEntry {
  /** The root of the slot's tree, 32 bytes. */
  readonly root: Uint8Array
  /** Its `SlotPart`s, in order: all full, but for the last. */
  readonly parts: ReadonlyArray<Cid>
}

/** How a dataset is laid out over the slots of a request. Stored as dag-cbor; its CID stands in the request's content. */
export interface SlotManifest {
  /** The dataset. */
  readonly manifest: Cid
  /** Which code made the slots of parity: `ErasureCode.codec`; "none" where there are none. */
  readonly codec: string
  readonly data: number
  readonly parity: number
  readonly slotSizeBytes: bigint
  /** `data + parity` slots, by index. */
  readonly slots: ReadonlyArray<SlotEntry>
}

/** The codec of a manifest without parity. */
export const codecNone = "none"

const MetadataCid = Cid.check(
  Schema.makeFilter((cid) => isMetadataCid(cid), { message: "must be the CID of a metadata block" }),
)
const Root = Schema.Uint8Array.check(Schema.makeFilter((root) => root.length === 32, { message: "must have 32 bytes" }))

const slotSizeBytesMax = Number(datasetSizeBytesMax)

/** As on the wire; the keys are part of the format. */
const SlotManifestWire = Schema.Struct({
  version: Schema.Literal(2),
  manifest: MetadataCid,
  coding: Schema.Struct({
    codec: Schema.String.check(Schema.isBetweenLength(1, 100)),
    k: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: slotsMax })),
    m: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: slotsMax - 1 })),
  }),
  slotSize: Schema.Int.check(
    Schema.isBetween({ minimum: blockSizeBytes, maximum: slotSizeBytesMax }),
    Schema.makeFilter((size) => size % blockSizeBytes === 0, { message: "must be a multiple of 65536" }),
  ),
  slots: Schema.Array(Schema.Struct({ root: Root, parts: Schema.Array(MetadataCid) })),
}).check(
  Schema.makeFilter(({ coding: { codec, k, m }, slotSize, slots }) => {
    if (k + m > slotsMax) return `must have at most ${slotsMax} slots`
    if (slots.length !== k + m) return `must have ${k + m} slots`
    if ((codec === codecNone) !== (m === 0)) return "must name a code where there is parity, and none elsewhere"
    const parts = Math.ceil(slotSize / blockSizeBytes / partBlocksMax)
    return slots.every((slot) => slot.parts.length === parts) || `must have ${parts} parts a slot`
  }),
)

export const SlotManifest = {
  /** The block of a slot manifest. One that does not fit its Schema, or a block, is a defect. */
  encode: ({ codec, data, manifest, parity, slotSizeBytes, slots }: SlotManifest): Block =>
    encode({
      version: 2,
      manifest,
      coding: { codec, k: data, m: parity },
      slotSize: Number(slotSizeBytes),
      slots: slots.map(({ parts, root }) => ({ root, parts })),
    }),

  /** Reads a stranger's slot manifest. Whether its numbers fit its dataset is for `SlotLayout` to say. */
  decode: (block: Block): Result.Result<SlotManifest, InvalidManifest> =>
    Result.map(decode(SlotManifestWire, block), ({ coding, manifest, slotSize, slots }) => ({
      manifest,
      codec: coding.codec,
      data: coding.k,
      parity: coding.m,
      slotSizeBytes: BigInt(slotSize),
      slots,
    })),

  /** How many of the slot's blocks its part of this index lists. */
  partBlocks: ({ slotSizeBytes }: Pick<SlotManifest, "slotSizeBytes">, part: number): number =>
    Math.min(partBlocksMax, Number(slotSizeBytes) / blockSizeBytes - part * partBlocksMax),
}
