export * from "./ChainClock.ts"
export * from "./TestChain.ts"
