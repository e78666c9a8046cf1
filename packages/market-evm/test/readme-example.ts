import { Market } from "@pecia/market"
import { MarketEvm, type MarketEvmOptions } from "@pecia/market-evm"
import { Console, Effect, Stream } from "effect"

const host = Effect.gen(function* () {
  const market = yield* Market
  const { collateral } = yield* market.config
  yield* market.approveFunds(collateral.initialAmount)
  yield* market.deposit(collateral.initialAmount) // mined, or a reason why not
  yield* Effect.forkScoped(Stream.runForEach(market.events(), (event) => Console.log(event._tag)))
  return yield* market.collateral(market.account)
})

// { url: "http://127.0.0.1:8545", marketplace: Address, privateKey: Redacted }
export const program = (options: MarketEvmOptions) => Effect.scoped(Effect.provide(host, MarketEvm.layer(options)))
