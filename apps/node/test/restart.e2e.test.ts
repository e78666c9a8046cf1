import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Market } from "@pecia/market"
import { Testnet } from "@pecia/testnet"
import { Effect, Option, Ref, Stream } from "effect"
import { eventually, layerTestnet, offerBlocks, priceFor, requestThreeSlots } from "./market.ts"

const duration = 45n

describe("nodes that are killed with -9 and started again", () => {
  it.live(
    "a host goes on proving and is paid; a client keeps its purchases",
    () =>
      Effect.gen(function* () {
        const testnet = yield* Testnet
        const market = yield* Market
        const [clientAccount, hostAccount] = testnet.accounts
        assert.isDefined(clientAccount)
        assert.isDefined(hostAccount)
        const client = yield* testnet.peciad(clientAccount, { name: "client", roles: ["client"] })
        const host = yield* testnet.peciad(hostAccount, { name: "host", roles: ["host"], peers: client.peerAddresses })
        yield* offerBlocks(host, 3n)
        const { cid, requestId, slots } = yield* requestThreeSlots(client, { duration, expiry: 35n })
        yield* eventually(Effect.map(market.requestState(requestId), (state) => Option.getOrNull(state) === "Started"))

        yield* host.kill("SIGKILL")
        yield* client.kill("SIGKILL")
        const restarted = yield* testnet.peciad(clientAccount, { name: "client", roles: ["client"] })
        assert.deepStrictEqual(yield* restarted.client.purchaseIds(), [requestId])
        yield* eventually(
          Effect.map(restarted.client.purchase({ params: { id: requestId } }), ({ state }) => state === "started"),
        )
        // What was laid out for the hosts is gone, though the client was killed; the file itself is there.
        yield* eventually(Effect.map(restarted.client.space(), ({ quotaUsedBytes }) => quotaUsedBytes === 2n * 65_536n))
        const proven = yield* Ref.make<ReadonlySet<string>>(new Set())
        yield* market.events().pipe(
          Stream.runForEach((event) =>
            event._tag === "ProofSubmitted"
              ? Ref.update(proven, (all) => new Set([...all, event.slotId]))
              : Effect.void,
          ),
          Effect.forkScoped,
        )
        const back = yield* testnet.peciad(hostAccount, {
          name: "host",
          roles: ["host"],
          peers: restarted.peerAddresses,
        })
        yield* eventually(Effect.map(Ref.get(proven), (all) => slots.every((slot) => all.has(slot))))

        yield* eventually(
          Effect.map(Effect.forEach(slots, market.slotState), (states) => states.every((state) => state === "Paid")),
        )
        const hostTokens = (yield* market.tokens(hostAccount.address)) + (yield* market.collateral(hostAccount.address))
        assert.strictEqual(hostTokens, 1_000n + priceFor(duration))
        yield* eventually(Effect.map(back.client.space(), ({ quotaUsedBytes }) => quotaUsedBytes === 0n))
        yield* eventually(
          Effect.map(restarted.client.purchase({ params: { id: requestId } }), ({ state }) => state === "finished"),
        )
        assert.lengthOf((yield* restarted.client.listData()).content, 1, `the client still has ${cid}`)
      }).pipe(
        Effect.scoped,
        Effect.provide(layerTestnet(priceFor(duration), 1_000n)),
        Effect.provide(NodeServices.layer),
      ),
    120_000,
  )
})
