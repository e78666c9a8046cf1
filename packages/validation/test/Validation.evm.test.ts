import { assert, it } from "@effect/vitest"
import { ChainClock } from "@pecia/clock"
import { deploy } from "@pecia/contracts"
import { MarketplaceConfig, Periodicity, slotId, testTokenAbi } from "@pecia/contracts-abi"
import { Devnet, type DevnetAccount, devnetAccounts } from "@pecia/devnet"
import { Market } from "@pecia/market"
import { MarketEvm } from "@pecia/market-evm"
import { Context, Effect, Layer, Redacted, References, Stream } from "effect"
import { Interface } from "ethers"
import { Validation } from "../src/index.ts"
import { proof, requestOf } from "./bed.ts"

// A host falls below the minimum with its second slash, so with its fourth miss.
const config = new MarketplaceConfig({
  collateral: { initialAmount: 100n, minimumAmount: 40n, slashCriterion: 2n, slashPercentage: 50n },
  proofs: { period: 60n, timeout: 30n, downtime: 0n },
})
const periodicity = { seconds: config.proofs.period }
const token = new Interface(testTokenAbi)
const [rich, ofDead = rich, ofAlive = rich, ofValidator = rich] = devnetAccounts

/** A marketplace, and who takes part in it: each second of its chain is made by the test. */
const scene = Effect.gen(function* () {
  const devnet = yield* Devnet
  yield* devnet.mine(256)
  const privateKey = Redacted.make(rich.privateKey)
  const deployed = yield* deploy({ url: devnet.url, privateKey, config, contract: "TestMarketplace" })
  yield* devnet.rpc("anvil_setBlockTimestampInterval", [0])
  const readers = yield* Layer.build(MarketEvm.layerChain({ url: devnet.url, pollingInterval: "50 millis" }))
  const built = <A, E>(layer: Layer.Layer<A, E, Layer.Success<ReturnType<typeof MarketEvm.layerChain>>>) =>
    Effect.provideContext(Layer.build(Layer.fresh(layer)), readers)

  const marketOf = Effect.fnUntraced(function* (account: DevnetAccount) {
    const { marketplace } = deployed
    const options = { marketplace, privateKey: Redacted.make(account.privateKey) }
    return Context.get(yield* built(MarketEvm.layerAccount(options)), Market)
  })
  const hostOf = Effect.fnUntraced(function* (account: DevnetAccount) {
    const data = token.encodeFunctionData("mint", [account.address, 100n])
    yield* devnet.rpc("eth_sendTransaction", [{ from: rich.address, to: deployed.token, data }])
    const market = yield* marketOf(account)
    yield* market.approveFunds(100n)
    yield* market.deposit(100n)
    return market
  })
  const clock = Context.get(yield* built(MarketEvm.layerClock), ChainClock)
  const goTo = Effect.fnUntraced(function* (time: bigint) {
    yield* devnet.setNextBlockTimestamp(time)
    yield* devnet.mine()
    yield* clock.waitUntil(time)
  })
  return { clock, dead: yield* hostOf(ofDead), alive: yield* hostOf(ofAlive), goTo, marketOf, rpc: devnet.rpc }
})

it.live("marks what a dead host misses on a real chain until its slot is free, and sends nothing else", () =>
  Effect.gen(function* () {
    const { alive, clock, dead, goTo, marketOf, rpc } = yield* scene
    const requestId = yield* dead.requestStorage(requestOf(dead.account, yield* clock.now, 2))
    yield* dead.fillSlot(requestId, 0n, proof)
    yield* alive.fillSlot(requestId, 1n, proof)
    const [lost, kept] = [slotId(requestId, 0n), slotId(requestId, 1n)]

    const market = yield* marketOf(ofValidator)
    const context = yield* Layer.build(Validation.layer()).pipe(
      Effect.provideService(Market, market),
      Effect.provideService(ChainClock, clock),
    )
    const { outcomes, status } = Context.get(context, Validation)
    const marks = Stream.filter(outcomes, ({ _tag }) => _tag === "Marked")
    const filledIn = Periodicity.periodOf(periodicity, yield* clock.now)
    for (let period = filledIn + 1n; period <= filledIn + 4n; period++) {
      yield* goTo(Periodicity.periodStart(periodicity, period) + 1n)
      yield* alive.submitProof(kept, proof)
      assert.strictEqual(yield* market.slotState(lost), "Filled")
      yield* Effect.all([Stream.runHead(marks), goTo(Periodicity.periodEnd(periodicity, period) + 1n)], {
        concurrency: 2,
      })
      assert.strictEqual(yield* market.missingProofs(lost), period - filledIn)
    }
    assert.strictEqual(yield* market.slotState(lost), "Free")
    assert.strictEqual(yield* market.slotState(kept), "Filled")
    assert.strictEqual(yield* market.missingProofs(kept), 0n)
    assert.strictEqual((yield* status).marked, 4)
    assert.strictEqual(yield* rpc("eth_getTransactionCount", [ofValidator.address, "pending"]), "0x4")
    assert.isAbove(Number(yield* market.collateral(market.account)), 0)
  }).pipe(Effect.scoped, Effect.provide(Devnet.layer()), Effect.provideService(References.MinimumLogLevel, "Warn")),
)
