import { Option, Result, Schema } from "effect"
import { blockSizeBytes, metadataSizeBytesMax } from "./Block.ts"
import { partBlocksMax } from "./SlotPart.ts"

/** A dataset cannot be laid out over slots in this way. */
export class InvalidSlotLayout extends Schema.TaggedError<InvalidSlotLayout>()("InvalidSlotLayout", {
  detail: Schema.String,
}) {
  override get message() {
    return `The slots do not fit the data: ${this.detail}.`
  }
}

/** How many slots carry the data itself, and how many can be lost. */
export interface SlotShape {
  /** Slots of data, at least 1; any so many slots give the data back. */
  readonly data: number
  /** Slots of parity, from 0. */
  readonly parity: number
}

/**
 * Which block stands where. Data block i stands in slot i mod data; the blocks of one index in all slots are a stripe, which is
 * coded alone. Behind the end of the data stand blocks of zeros, which are not stored.
 */
export interface SlotLayout extends SlotShape {
  readonly slots: number
  /** Blocks in each slot: so many stripes there are. */
  readonly stripes: number
  /** A multiple of 65,536, the same for each slot. */
  readonly slotSizeBytes: bigint
  /** The data block that stands at this place of a slot of data; none: zeros behind the end. */
  readonly dataBlock: (slotIndex: number, stripe: number) => Option.Option<number>
}

/** The most slots of a dataset: data and parity together have to fit the field over which they are coded, GF(2^8). */
export const slotsMax = 255

/** More parts do not fit a slot manifest, of whose MiB a part takes 41 bytes, a slot 50, and the rest less than a KiB. */
const partsMax = Math.floor((metadataSizeBytesMax - 1024 - 50 * slotsMax) / 41)

const invalid = (detail: string) => Result.fail(new InvalidSlotLayout({ detail }))

export const SlotLayout = {
  /** Lays so many data blocks out over slots of the least size that holds them. */
  make: (blocks: number, { data, parity }: SlotShape): Result.Result<SlotLayout, InvalidSlotLayout> => {
    if (!Number.isInteger(data) || data < 1) return invalid(`${data} slots of data; at least 1 is needed`)
    if (!Number.isInteger(parity) || parity < 0) return invalid(`${parity} slots of parity`)
    const slots = data + parity
    if (slots > slotsMax) return invalid(`${slots} slots, ${parity} of them parity; ${slotsMax} are possible`)
    const stripes = Math.max(1, Math.ceil(blocks / data))
    const parts = slots * Math.ceil(stripes / partBlocksMax)
    if (parts > partsMax)
      return invalid(
        `${blocks} blocks over ${slots} slots take more parts than a slot manifest can name; use less parity`,
      )
    return Result.succeed({
      data,
      parity,
      slots,
      stripes,
      slotSizeBytes: BigInt(stripes) * BigInt(blockSizeBytes),
      dataBlock: (slotIndex, stripe) => {
        const index = stripe * data + slotIndex
        return slotIndex < data && index < blocks ? Option.some(index) : Option.none()
      },
    })
  },
}
