import { assert, describe, it } from "@effect/vitest"
import { BidStorage, bidVolume } from "@pecia/bidding"
import { OpenRequest, RequestId } from "@pecia/contracts-abi"
import { Exchange } from "@pecia/exchange"
import { Reservations, SlotDemand, Offer as Space } from "@pecia/reservations"
import { Context, Effect, Exit, Layer, Scope, Stream } from "effect"
import * as HostedContracts from "../src/HostedContracts.ts"
import { layerRetrieval } from "../src/Node.ts"
import { ReturnedSpace } from "../src/ReturnedSpace.ts"
import * as SlotProofs from "../src/SlotProofs.ts"
import { buildPlane, runMemoryNode } from "./MemoryNode.ts"
import { inWorld, newAccount, settle, whileTimePasses } from "./MemoryWorld.ts"

const storageOn = (plane: Effect.Success<ReturnType<typeof buildPlane>>) =>
  Layer.build(
    Layer.fresh(HostedContracts.layer).pipe(
      Layer.provide([layerRetrieval, SlotProofs.layer, ReturnedSpace.layer]),
      Layer.provide(Layer.succeedContext(plane)),
    ),
  ).pipe(Effect.map((context) => Context.get(context, BidStorage)))

describe("the data of a contract", () => {
  for (const [what, blocks] of [
    ["that fills its space", 6],
    ["that ends in zeros", 5],
  ] as const)
    it.effect(`${what} is complete after a restart, be the client there or not`, () =>
      Effect.gen(function* () {
        const clientScope = yield* Scope.make()
        const account = yield* newAccount(10n ** 12n)
        const client = yield* runMemoryNode({ account, roles: ["client"] }).pipe(Scope.provide(clientScope))
        const file = new Uint8Array(blocks * 65_536).map((_, index) => (index * 31 + (index >> 16)) % 251)
        const cid = yield* client.client.upload({ payload: Stream.make(file), headers: {} })
        const terms = {
          duration: 60n,
          expiry: 60n,
          proofProbability: 1n,
          maxPricePerBytePerSecond: 4n,
          nodes: 2n,
          tolerance: 0n,
        }
        yield* client.client.openAuctions({ params: { cid }, payload: terms })
        yield* settle
        const [, auction] = yield* client.client.auctions()
        if (auction === undefined) return assert.fail("there is no second auction")
        const request = new OpenRequest(auction.request)
        const requestId = RequestId.make(auction.requestId)

        const plane = yield* buildPlane({ account: yield* newAccount(0n), roles: [] })
        const { addresses, peerId } = Context.get(plane, Exchange)
        yield* client.client.connect({ params: { peerId }, query: { addrs: [...addresses] } })
        const ledger = Context.get(plane, Reservations)
        yield* ledger.offer(
          new Space({
            totalBytes: request.size,
            durationSeconds: 1_000n,
            minPricePerBytePerSecond: 0n,
            totalCollateral: 1_000n,
            enabled: true,
            untilSeconds: 0n,
          }),
        )
        yield* ledger.reserve(
          new SlotDemand({
            market: "OfferMarket",
            requestId,
            slotIndex: 0n,
            slotId: bidVolume(requestId),
            sizeBytes: request.size,
            durationSeconds: 60n,
            pricePerSecond: 1n,
            collateral: 1n,
            endSeconds: 0n,
          }),
        )

        yield* whileTimePasses((yield* storageOn(plane)).store(requestId, request))
        yield* Scope.close(clientScope, Exit.void)
        yield* whileTimePasses((yield* storageOn(plane)).store(requestId, request))
      }).pipe(inWorld),
    )
})
