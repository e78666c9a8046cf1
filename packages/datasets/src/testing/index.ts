export * as BlockDamageTest from "./BlockDamageTest.ts"
export * as BlockStoreTest from "./BlockStoreTest.ts"
