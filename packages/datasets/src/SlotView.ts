import { SlotTree } from "@pecia/trees"
import { Effect, type Option, Stream } from "effect"
import type { Block, Cid } from "./Block.ts"
import type { BlockSource } from "./BlockSource.ts"
import { InvalidManifest } from "./InvalidManifest.ts"
import { SlotManifest } from "./SlotManifest.ts"
import { SlotPart } from "./SlotPart.ts"

/** One slot of a slot manifest, as its parts describe it. Its tree has the root that the manifest says. */
export interface SlotView {
  readonly slotIndex: number
  /** The slot's blocks in order; none: zeros behind the end of the data. */
  readonly blocks: ReadonlyArray<Option.Option<Cid>>
  readonly tree: SlotTree
  /** The blocks that say so. */
  readonly parts: ReadonlyArray<Block>
}

export const SlotView = {
  /** Reads the parts of a slot, which may be a stranger's. */
  read: Effect.fnUntraced(function* <E, R>(
    cid: Cid,
    manifest: SlotManifest,
    slotIndex: number,
    source: BlockSource<E, R>,
  ) {
    const entry = manifest.slots[slotIndex]
    if (entry === undefined)
      return yield* new InvalidManifest({ cid, detail: `it has no slot ${slotIndex} among ${manifest.slots.length}` })
    const parts = yield* Stream.runCollect(source(entry.parts))
    const blocks: Array<Option.Option<Cid>> = []
    const roots: Array<Uint8Array> = []
    for (const [index, block] of parts.entries()) {
      const part = yield* Effect.fromResult(SlotPart.decode(block))
      const expected = SlotManifest.partBlocks(manifest, index)
      if (part.blocks.length !== expected)
        return yield* new InvalidManifest({
          cid: block.cid,
          detail: `it lists ${part.blocks.length} blocks, and its place in slot ${slotIndex} of ${cid} takes ${expected}`,
        })
      blocks.push(...part.blocks)
      roots.push(part.roots)
    }
    const tree = SlotTree.fromBlockRoots(Buffer.concat(roots))
    if (Buffer.compare(tree.root, entry.root) !== 0)
      return yield* new InvalidManifest({ cid, detail: `the parts of its slot ${slotIndex} do not have its root` })
    return { slotIndex, blocks, tree, parts } satisfies SlotView
  }),
}
