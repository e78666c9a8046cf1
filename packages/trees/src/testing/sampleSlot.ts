import { createHash } from "node:crypto"
import { SlotTree } from "../SlotTree.ts"

/** Bytes that only their seed decides. */
export const bytesFrom = (seed: string | number, length: number): Uint8Array =>
  Uint8Array.from(createHash("shake256", { outputLength: length }).update(String(seed)).digest())

/** The tree of a slot that is all here; short data is filled with zeros. */
export const treeOf = (data: Uint8Array, slotSizeBytes: number): SlotTree =>
  SlotTree.fromBlockRoots(
    Buffer.concat(
      Array.from({ length: slotSizeBytes / 65_536 }, (_, i) =>
        SlotTree.blockRoot(data.subarray(i * 65_536, (i + 1) * 65_536)),
      ),
    ),
  )
