export * from "./ChainClock.ts"
