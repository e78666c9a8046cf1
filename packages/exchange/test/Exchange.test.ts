import { ExchangeTest } from "../src/testing/index.ts"
import { libp2pBed, memoryBed } from "./beds.ts"

ExchangeTest.suite("Exchange.layerMemory", memoryBed)
ExchangeTest.suite("Exchange.layer", libp2pBed)
