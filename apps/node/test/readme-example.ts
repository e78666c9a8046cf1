import { AuctionJournal } from "@pecia/auctions"
import { ChainClock } from "@pecia/clock"
import { MemoryMarket } from "@pecia/market"
import { PurchaseJournal } from "@pecia/purchasing"
import { Reservations } from "@pecia/reservations"
import { Layer } from "effect"
import * as Node from "../src/Node.ts"
import type { NodeConfig } from "../src/NodeConfig.ts"

/** A node to try things with: on disk and on libp2p as always, but on a market of its own, and with nothing written down. */
export const layerTrial = (config: NodeConfig) =>
  Node.layer(config).pipe(
    Layer.provide([MemoryMarket.layerTest({ tokens: 1_000n }), ChainClock.layerSystem]),
    Layer.provideMerge(Node.layerExchange(config)),
    Layer.provide(Node.layerDatasets(config)),
    Layer.provide([Reservations.layerMemory(config), PurchaseJournal.layerMemory, AuctionJournal.layerMemory]),
  )
