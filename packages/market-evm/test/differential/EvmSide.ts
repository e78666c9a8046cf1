import type { MarketplaceDeployment } from "@pecia/contracts"
import { type Address, testMarketplaceAbi } from "@pecia/contracts-abi"
import { Market, type MarketEvent } from "@pecia/market"
import { Effect, Stream } from "effect"
import { Interface } from "ethers"
import { eventOfLog } from "../../src/internal/marketplace/eventOfLog.ts"
import { viewsOf } from "../../src/internal/marketplace/views.ts"
import { writesOf } from "../../src/internal/marketplace/writes.ts"
import { openMarketplace } from "../../src/internal/openContract.ts"
import { type BlockHashes, evmChain } from "./EvmChain.ts"
import type { Side } from "./Side.ts"

const testMarketplace = new Interface(testMarketplaceAbi)

/** A marketplace on anvil through the `Market` of this package, but for its queue. */
export const evmSide = Effect.fnUntraced(function* (
  { marketplace: contract, token }: MarketplaceDeployment,
  accounts: ReadonlyArray<Address>,
  hashes: BlockHashes,
) {
  const { chain, queueOf, tell } = yield* evmChain<MarketEvent>({ contract, token, read: eventOfLog }, accounts, hashes)
  const marketOf = Effect.fnUntraced(function* (account: Address) {
    const marketplace = yield* openMarketplace(contract, account)
    return Market.of({
      ...viewsOf(marketplace),
      ...writesOf(marketplace, queueOf(account)),
      events: () => Stream.empty,
    })
  })

  const side: Side = {
    ...chain,
    markets: yield* Effect.forEach(accounts, marketOf),
    forciblyFreeSlot: (slotId) =>
      tell("forciblyFreeSlot", contract, testMarketplace.encodeFunctionData("forciblyFreeSlot", [slotId])),
  }
  return side
})
