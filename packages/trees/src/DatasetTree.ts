import { pathIn, type Tree, treeOver } from "./Merkle.ts"

/** The tree that joins the roots of a dataset's slots; its root is the dataset root, which a request carries. */
export interface DatasetTree extends Tree {}

export const DatasetTree = {
  /** From the slot roots in order: 32 bytes each, at least one. The root of one slot is the dataset root. */
  fromSlotRoots: (slotRoots: ReadonlyArray<Uint8Array>): DatasetTree => treeOver(Buffer.concat(slotRoots)),

  /** The siblings that lead from a slot root to the dataset root, bottom up. */
  path: (tree: DatasetTree, slotIndex: number): ReadonlyArray<Uint8Array> => pathIn(tree, slotIndex),
}
