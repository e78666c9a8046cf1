export * as BlockRootsTest from "./BlockRootsTest.ts"
export * from "./NaiveTree.ts"
export * from "./sampleSlot.ts"
