export * from "./Market.ts"
export * from "./MarketError.ts"
export * from "./MarketEvent.ts"
