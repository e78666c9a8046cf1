export * from "./Peciad.ts"
export * from "./Testnet.ts"
