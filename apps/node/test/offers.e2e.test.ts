import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { type OfferEvent, OfferMarket } from "@pecia/market"
import { Testnet } from "@pecia/testnet"
import { Effect, Option, Ref, Stream } from "effect"
import { eventually, layerTestnet, offerBlocks } from "./market.ts"
import { runPeciad } from "./process.ts"

const blockBytes = 65_536n
const duration = 300n
const most = 4n * blockBytes * duration
/** A tenth more than the least price of the space. */
const priceAt = (minPrice: bigint) => (minPrice * blockBytes * duration * 11n) / 10n

/** What has happened on the offer market so far. */
const history = Effect.gen(function* () {
  const events = yield* Ref.make<ReadonlyArray<OfferEvent>>([])
  const market = yield* OfferMarket
  yield* market.events({ fromBlock: 0n }).pipe(
    Stream.runForEach((event) => Ref.update(events, (all) => [...all, event])),
    Effect.forkScoped({ startImmediately: true }),
  )
  return (tag: OfferEvent["_tag"]) =>
    Effect.map(Ref.get(events), (all) => all.filter(({ _tag }) => _tag === tag).length)
})

describe("a client and two hosts on the offer market, one after the other killed with -9 and started again", () => {
  it.live(
    "the cheaper host is selected, starts, proves and is paid; the client has the difference back; nothing is left behind",
    () =>
      Effect.gen(function* () {
        const testnet = yield* Testnet
        const market = yield* OfferMarket
        const countOf = yield* history
        const [clientAccount, cheapAccount, dearAccount] = testnet.accounts
        assert.isDefined(clientAccount)
        assert.isDefined(cheapAccount)
        assert.isDefined(dearAccount)
        const startClient = testnet.peciad(clientAccount, { name: "client", roles: ["client"] })
        const client = yield* startClient
        const startHost = (account: typeof cheapAccount, name: string) =>
          testnet.peciad(account, { name, roles: ["host"], peers: client.peerAddresses })
        const [cheap, dear] = yield* Effect.all([startHost(cheapAccount, "cheap"), startHost(dearAccount, "dear")], {
          concurrency: "unbounded",
        })
        yield* offerBlocks(cheap, 1n, 1n)
        yield* offerBlocks(dear, 1n, 2n)
        const happens = (tag: OfferEvent["_tag"], times: number) =>
          eventually(Effect.map(countOf(tag), (count) => count >= times))

        // A full block: the data fills the space of the host to the last byte.
        const file = new Uint8Array(65_536).map((_, index) => index % 251)
        const cid = yield* client.client.upload({ payload: Stream.make(file), headers: {} })
        const [id = assert.fail("no auction")] = yield* client.client.openAuctions({
          params: { cid },
          payload: { duration, expiry: 400n, proofProbability: 1n, maxPricePerBytePerSecond: 4n, nodes: 1n },
        })
        yield* happens("StorageOffered", 2)
        // A quarter of the time to the expiry, until which the client waits for more offers.
        yield* testnet.devnet.rpc("evm_increaseTime", [100])
        yield* happens("OfferSelected", 1)
        yield* cheap.kill("SIGKILL")
        const offerId = Option.getOrThrow(yield* market.selectedOffer(id))
        const offer = Option.getOrThrow(yield* market.getOffer(offerId))
        assert.deepInclude(offer, { host: cheapAccount.address, price: priceAt(1n) })
        assert.strictEqual(yield* market.tokens(clientAccount.address), most - priceAt(1n))

        const back = yield* startHost(cheapAccount, "cheap")
        yield* happens("ContractStarted", 1)
        const withdrawCollateral = runPeciad([
          "withdraw-collateral",
          `--eth-provider=${testnet.devnet.url}`,
          `--eth-deployment=${testnet.deploymentFile}`,
          `--eth-key-file=${cheapAccount.keyFile}`,
        ])
        const locked = yield* withdrawCollateral
        assert.strictEqual(locked.code, 1)
        assert.include(locked.stderr, "100 tokens of collateral stay on the offer market")
        yield* client.kill("SIGKILL")
        const restarted = yield* startClient
        yield* happens("ProofSubmitted", 1)
        const auction = restarted.client.auction({ params: { id } })
        assert.deepInclude(yield* auction, {
          dataset: (yield* auction).dataset,
          error: null,
          selected: { offerId, host: cheapAccount.address, price: priceAt(1n) },
        })
        yield* eventually(Effect.map(auction, ({ state }) => state === "started"))

        yield* testnet.devnet.rpc("evm_increaseTime", [Number(duration)])
        yield* eventually(Effect.map(auction, ({ state }) => state === "finished"))
        yield* happens("ContractFinished", 1)
        for (const host of [back, dear]) {
          yield* eventually(
            Effect.map(host.client.availabilities(), ([one]) => one !== undefined && one.freeSize === one.totalSize),
          )
          assert.strictEqual((yield* host.client.space()).quotaUsedBytes, 0n)
          assert.deepStrictEqual(yield* host.client.bids(), [])
        }
        const { code, stdout } = yield* withdrawCollateral
        assert.strictEqual(code, 0)
        assert.include(stdout, "100 tokens of collateral are back from the offer market")
        assert.include(stdout, "no collateral on the marketplace")
        assert.strictEqual(yield* market.tokens(cheapAccount.address), 1_000n + priceAt(1n))
        assert.strictEqual(yield* market.tokens(clientAccount.address), most - priceAt(1n))
        assert.strictEqual(yield* market.tokens(testnet.offerMarket), yield* market.collateral(dearAccount.address))
      }).pipe(Effect.scoped, Effect.provide(layerTestnet(most, 1_000n, 1_000n)), Effect.provide(NodeServices.layer)),
    120_000,
  )
})
