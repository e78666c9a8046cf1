import { type BlockStore, cidSizeBytes, type SlotBlocks } from "@pecia/datasets"
import { SlotTree } from "@pecia/trees"
import { Effect, Option } from "effect"

const readAhead = 4

/** The roots of a slot's blocks in order, 32 bytes each. Reads each block once; other work goes on between blocks. */
export const blockRootsOf = Effect.fnUntraced(function* (store: BlockStore["Service"], blocks: SlotBlocks) {
  const roots = new Uint8Array(blocks.length * 32)
  yield* Effect.forEach(
    blocks.entries(),
    Effect.fnUntraced(function* ([index, cid]) {
      roots.set(
        Option.isSome(cid) ? SlotTree.blockRoot(yield* store.get(cid.value)) : SlotTree.zeroBlockRoot,
        index * 32,
      )
      yield* Effect.yieldNow
    }),
    { concurrency: readAhead, discard: true },
  )
  return roots
})

/** The CIDs of a slot's blocks, packed; zeros stand for a block of zeros behind the end of the data. */
export const packCids = (blocks: SlotBlocks): Uint8Array => {
  const packed = new Uint8Array(blocks.length * cidSizeBytes)
  blocks.forEach((cid, index) => void Option.map(cid, ({ bytes }) => packed.set(bytes, index * cidSizeBytes)))
  return packed
}
