export * from "./MarketBed.ts"
export * from "./MarketTest.ts"
