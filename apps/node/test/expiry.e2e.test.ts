import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Market } from "@pecia/market"
import { Testnet } from "@pecia/testnet"
import { Effect, Option } from "effect"
import { eventually, layerTestnet, offerBlocks, priceFor, requestThreeSlots } from "./market.ts"
import { runPeciad } from "./process.ts"

const duration = 60n

describe("a request that expires with one of three slots filled", () => {
  it.live(
    "ends with the host paid for its time, the client refunded the rest, the collateral withdrawable and the space back",
    () =>
      Effect.gen(function* () {
        const testnet = yield* Testnet
        const market = yield* Market
        const [clientAccount, hostAccount] = testnet.accounts
        assert.isDefined(clientAccount)
        assert.isDefined(hostAccount)
        const client = yield* testnet.peciad(clientAccount, { name: "client", roles: ["client"] })
        const host = yield* testnet.peciad(hostAccount, { name: "host", roles: ["host"], peers: client.peerAddresses })
        yield* offerBlocks(host, 1n)
        const { requestId, slots } = yield* requestThreeSlots(client, { duration, expiry: 20n })
        yield* eventually(Effect.map(Effect.forEach(slots, market.slotState), (states) => states.includes("Filled")))
        assert.strictEqual(yield* market.collateral(hostAccount.address), 100n)

        yield* eventually(
          Effect.map(client.client.purchase({ params: { id: requestId } }), ({ state }) => state === "cancelled"),
        )
        yield* eventually(Effect.map(market.tokens(clientAccount.address), (tokens) => tokens > 0n))
        assert.isTrue(Option.contains(yield* market.requestState(requestId), "Cancelled"))
        yield* eventually(
          Effect.map(
            host.client.availabilities(),
            ([offer]) => offer?.freeSize === 65_536n && offer.totalSize === 65_536n,
          ),
        )
        assert.strictEqual((yield* host.client.space()).quotaUsedBytes, 0n)

        const { code, stdout } = yield* runPeciad([
          "withdraw-collateral",
          `--eth-provider=${testnet.devnet.url}`,
          `--eth-deployment=${testnet.deploymentFile}`,
          `--eth-key-file=${hostAccount.keyFile}`,
        ])
        assert.strictEqual(code, 0)
        assert.include(stdout, "100 tokens of collateral are back")
        assert.strictEqual(yield* market.collateral(hostAccount.address), 0n)
        const earned = (yield* market.tokens(hostAccount.address)) - 1_000n
        assert.isTrue(earned > 0n && earned <= 65_536n * 20n, `${earned}`)
        assert.strictEqual(yield* market.tokens(clientAccount.address), priceFor(duration) - earned)
        assert.strictEqual(yield* market.tokens(testnet.deployment.marketplace), 0n)
      }).pipe(
        Effect.scoped,
        Effect.provide(layerTestnet(priceFor(duration), 1_000n)),
        Effect.provide(NodeServices.layer),
      ),
    120_000,
  )
})
