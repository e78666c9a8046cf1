import { MarketTest } from "@pecia/market/testing"
import { layerAnvilBed } from "./AnvilBed.ts"

MarketTest.suite("MarketEvm on anvil", layerAnvilBed, { clock: "live" })
