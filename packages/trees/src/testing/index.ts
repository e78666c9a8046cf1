export * from "./NaiveTree.ts"
export * from "./sampleSlot.ts"
