export * from "./BlockRoots.ts"
export * from "./DatasetTree.ts"
export * from "./Merkle.ts"
export * from "./SlotTree.ts"
