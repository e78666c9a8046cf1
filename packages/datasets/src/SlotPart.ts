import { Option, Result, Schema } from "effect"
import { type Block, Cid, isDataCid } from "./Block.ts"
import type { InvalidManifest } from "./InvalidManifest.ts"
import { decode, encode } from "./internal/dagCbor.ts"

/** Blocks that one part lists: 512 MiB of a slot. */
export const partBlocksMax = 8192

/**
 * Consecutive blocks of one slot, at most 8,192: their names, and the roots of their trees. So the tree of a slot comes from its
 * parts, and each block can be compared with both when it arrives. Stored as dag-cbor.
 */
export interface SlotPart {
  /** None: a block of zeros behind the end of the data, which is not stored. */
  readonly blocks: ReadonlyArray<Option.Option<Cid>>
  /** 32 bytes for each of the blocks. */
  readonly roots: Uint8Array
}

const DataCid = Cid.check(Schema.makeFilter((cid) => isDataCid(cid), { message: "must be the CID of a data block" }))

/** As on the wire; the keys are part of the format. */
const SlotPartWire = Schema.Struct({
  blocks: Schema.Array(Schema.NullOr(DataCid)).check(Schema.isBetweenLength(1, partBlocksMax)),
  roots: Schema.Uint8Array,
}).check(
  Schema.makeFilter(({ blocks, roots }) => roots.length === 32 * blocks.length, {
    message: "must have a root of 32 bytes for each block",
  }),
)

export const SlotPart = {
  /** The block of a part with 1 to 8,192 blocks, and as many roots. */
  encode: ({ blocks, roots }: SlotPart): Block => encode({ blocks: blocks.map(Option.getOrNull), roots }),

  /** Reads a stranger's part. Whether it is where it belongs, `SlotManifest` and the tree say. */
  decode: (block: Block): Result.Result<SlotPart, InvalidManifest> =>
    Result.map(decode(SlotPartWire, block), ({ blocks, roots }) => ({
      blocks: blocks.map(Option.fromNullOr),
      roots,
    })),
}
