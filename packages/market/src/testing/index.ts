export * from "./MarketBed.ts"
export * from "./MarketTest.ts"
export * from "./OfferBed.ts"
export * from "./OfferMarketTest.ts"
