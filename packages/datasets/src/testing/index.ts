export * as BlockStoreTest from "./BlockStoreTest.ts"
