import { assert, describe, it } from "@effect/vitest"
import { MarketplaceConfig, RequestId, slotId } from "@pecia/contracts-abi"
import { MemoryNetwork } from "@pecia/exchange"
import { MemoryChain } from "@pecia/market"
import { Effect, Layer, Option, Stream } from "effect"
import { TestClock } from "effect/testing"
import { type MemoryNode, runMemoryNode } from "./MemoryNode.ts"

const blockBytes = 65_536n
const layerWorld = Layer.merge(
  MemoryNetwork.layer,
  MemoryChain.layer({
    config: new MarketplaceConfig({
      collateral: { initialAmount: 100n, minimumAmount: 40n, slashCriterion: 3n, slashPercentage: 10n },
      proofs: { period: 10n, timeout: 5n, downtime: 2n },
    }),
  }),
)

describe("a client and a host on MemoryMarket, with reservations in memory", () => {
  it.effect("x", () =>
    Effect.gen(function* () {
      const chain = yield* MemoryChain
      yield* chain.advanceTo(1_700_000_000n)
      const clientAccount = yield* chain.newAccount
      const hostAccount = yield* chain.newAccount
      yield* chain.mint(clientAccount, 100_000_000n)
      yield* chain.mint(hostAccount, 100n)
      const client = yield* runMemoryNode({ account: clientAccount, roles: ["client"] })
      const host = yield* runMemoryNode({ account: hostAccount, roles: ["host"] })
      yield* host.exchange.connect(`/memory/p2p/${client.exchange.peerId}`).pipe(Effect.tapError((e) => Effect.log(e.message)))
      console.log(yield* client.client.info())
      console.log(yield* host.client.space())
      const file = new Uint8Array(200_000).map((_, index) => index % 251)
      const cid = yield* client.client.upload({ payload: Stream.make(file), headers: {} })
      console.log(cid)
    }).pipe(Effect.scoped, Effect.provide(layerWorld)),
  )
})
