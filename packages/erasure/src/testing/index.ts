export * as ErasureCodeTest from "./ErasureCodeTest.ts"
