export * from "./MarketBed.ts"
export * from "./MarketTest.ts"
export * from "./RandomCalls.ts"
