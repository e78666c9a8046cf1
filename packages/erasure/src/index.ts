export * from "./ErasureCode.ts"
export * from "./ErasureError.ts"
