import { MarketBed, MarketTest } from "../src/testing/index.ts"

MarketTest.suite("MemoryMarket", MarketBed.layerMemory())
