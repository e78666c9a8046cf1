import { Option, Result, Schema } from "effect"
import { blockSizeBytes, type Cid } from "./Block.ts"

/** A dataset cannot be laid out over the slots in this way. */
export class InvalidSlotLayout extends Schema.TaggedError<InvalidSlotLayout>()("InvalidSlotLayout", {
  detail: Schema.String,
}) {
  override get message() {
    return `The slots do not fit the data: ${this.detail}.`
  }
}

/** A slot's blocks in order; none is a block of zeros behind the end of the data. */
export type SlotBlocks = ReadonlyArray<Option.Option<Cid>>

/** Which block of a dataset stands in which slot. */
export interface SlotLayout {
  readonly slots: number
  /** A multiple of 65,536, the same for each slot. */
  readonly slotSizeBytes: bigint
  /** None beyond the last slot. As long as a slot has blocks. */
  readonly slotBlocks: (slotIndex: bigint) => Option.Option<SlotBlocks>
}

/** What a slot manifest of 1 MiB could carry at most (34 bytes a root). */
const slotsMax = 30_000

const invalid = (detail: string) => Result.fail(new InvalidSlotLayout({ detail }))

export const SlotLayout = {
  /**
   * Lays a dataset's blocks out over slots: equal consecutive ranges, the last ones filled up with zeros. The slot size is the
   * least one that holds the data, unless it is given; a given one may be a stranger's: what the slots take in memory
   * never exceeds what the list of blocks takes.
   */
  make: (
    blocks: ReadonlyArray<Cid>,
    slots: number,
    slotSizeBytes?: bigint,
  ): Result.Result<SlotLayout, InvalidSlotLayout> => {
    if (!Number.isInteger(slots) || slots < 1 || slots > slotsMax)
      return invalid(`${slots} slots; 1 to ${slotsMax} are possible`)
    const unit = BigInt(blockSizeBytes)
    const size = slotSizeBytes ?? BigInt(Math.max(1, Math.ceil(blocks.length / slots))) * unit
    if (size <= 0n || size % unit !== 0n) return invalid(`a slot of ${size} bytes; it has to be a multiple of ${unit}`)
    if (size > BigInt(Math.max(1, blocks.length)) * unit)
      return invalid(`a slot of ${size} bytes is larger than the data`)
    const blocksPerSlot = Number(size / unit)
    if (blocksPerSlot * slots < blocks.length) {
      return invalid(`${slots} slots of ${size} bytes cannot hold ${blocks.length} blocks of ${unit} bytes`)
    }
    return Result.succeed({
      slots,
      slotSizeBytes: size,
      slotBlocks: (slotIndex) => {
        if (slotIndex < 0n || slotIndex >= BigInt(slots)) return Option.none()
        const first = Number(slotIndex) * blocksPerSlot
        return Option.some(Array.from({ length: blocksPerSlot }, (_, i) => Option.fromUndefinedOr(blocks[first + i])))
      },
    })
  },
}
