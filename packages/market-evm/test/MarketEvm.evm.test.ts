import { MarketTest } from "@pecia/market/testing"
import { layerAnvilBed, layerAnvilBedWithOptions } from "./AnvilBed.ts"

MarketTest.suite("MarketEvm on anvil", layerAnvilBed, { clock: "live" })
MarketTest.suiteWithOptions("MarketEvm on anvil, with options", layerAnvilBedWithOptions, { clock: "live" })
