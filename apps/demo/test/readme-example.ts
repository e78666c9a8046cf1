import { Market, MemoryMarket } from "@pecia/market"
import { Console, Effect } from "effect"

const layer = MemoryMarket.layerTest({ tokens: 100n }) // on a chain: MarketEvm.layer({ url, marketplace, privateKey })

export const program = Effect.gen(function* () {
  const market = yield* Market
  yield* market.approveFunds(100n)
  yield* market.deposit(100n)
  yield* Console.log(`${yield* market.collateral(market.account)} tokens of collateral back the slots of this host`)
}).pipe(Effect.provide(layer))
