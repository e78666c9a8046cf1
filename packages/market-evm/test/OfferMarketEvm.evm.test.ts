import { OfferMarketTest } from "@pecia/market/testing"
import { layerOfferAnvilBed, layerOfferAnvilBedWithOptions } from "./OfferAnvilBed.ts"

OfferMarketTest.suite("OfferMarketEvm on anvil", layerOfferAnvilBed, { clock: "live" })
OfferMarketTest.suiteWithOptions("OfferMarketEvm on anvil, with options", layerOfferAnvilBedWithOptions, {
  clock: "live",
})
