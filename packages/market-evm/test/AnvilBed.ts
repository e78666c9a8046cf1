import { type DeployOptions, deploy } from "@pecia/contracts"
import {
  Address,
  MarketplaceConfig,
  MarketplaceOptions,
  type SlotId,
  testMarketplaceAbi,
  testTokenAbi,
} from "@pecia/contracts-abi"
import { Devnet, devnetAccounts } from "@pecia/devnet"
import { Market } from "@pecia/market"
import { MarketBed } from "@pecia/market/testing"
import { Context, Effect, Layer, Redacted, Scope } from "effect"
import { computeAddress, Interface, toBeHex } from "ethers"
import { BlockReader, Chain, type ChainRpc, type LogReader, MarketEvm } from "../src/index.ts"

/** Polls fast, so that tests do not wait long. */
export const pollingInterval = "50 millis"

const config = new MarketplaceConfig({
  collateral: { initialAmount: 100n, minimumAmount: 40n, slashCriterion: 2n, slashPercentage: 50n },
  proofs: { period: 10n, timeout: 5n, downtime: 64n },
})

const token = new Interface(testTokenAbi)
const marketplace = new Interface(testMarketplaceAbi)
const [rich] = devnetAccounts

/** The test build. */
const standard: Partial<DeployOptions> = { contract: "TestMarketplace" }

/** Markets that demand collateral per slot and have a treasury; the marketplace cannot take a slot from its host at will. */
export const withOptions: Partial<DeployOptions> = {
  verifier: "TestVerifier",
  options: new MarketplaceOptions({
    treasury: Address.make(`0x${"7e".repeat(20)}`),
    markerPercentage: 35n,
    collateralPerSlot: true,
  }),
}

const make = Effect.fnUntraced(function* (kind: Partial<DeployOptions>) {
  const devnet = yield* Devnet
  yield* devnet.mine(256)
  const { url } = devnet
  const deployment = yield* deploy({
    url,
    privateKey: Redacted.make(rich.privateKey),
    config,
    ...kind,
  })
  let accounts = 0n

  /** Has a contract do something, past all queues; anvil answers before it has mined. */
  const tell = Effect.fnUntraced(function* (to: Address, data: string) {
    const hash = yield* devnet.rpc("eth_sendTransaction", [{ from: rich.address, to, data }])
    const receipt = Effect.delay(devnet.rpc("eth_getTransactionReceipt", [hash]), "1 millis")
    const { status } = Object(yield* Effect.repeat(receipt, { until: (mined) => mined !== null }))
    if (status !== "0x1") return yield* Effect.die(`${to} refused ${data}`)
  })

  return {
    ...deployment,
    url,
    /** The key of an account that never took part, with coins for gas, and with `tokens`. */
    newKey: Effect.fnUntraced(function* (tokens: bigint) {
      accounts += 1n
      const privateKey = toBeHex(0xacc0_0000n + accounts, 32)
      const account = computeAddress(privateKey)
      yield* devnet.rpc("anvil_setBalance", [account, toBeHex(10n ** 20n)])
      if (tokens > 0n) yield* tell(deployment.token, token.encodeFunctionData("mint", [account, tokens]))
      return Redacted.make(privateKey)
    }),
    forciblyFreeSlot: (slotId: SlotId) =>
      tell(deployment.marketplace, marketplace.encodeFunctionData("forciblyFreeSlot", [slotId])),
  }
}, Effect.orDie)

/** A marketplace on anvil. */
export class TestDeployment extends Context.Service<TestDeployment, Effect.Success<ReturnType<typeof make>>>()(
  "@pecia/market-evm/test/TestDeployment",
) {
  /** With the devnet that it stands on: each transaction is mined at once, in a block of its own. */
  static readonly layerOf = (kind: Partial<DeployOptions>) =>
    Layer.provideMerge(Layer.effect(TestDeployment, make(kind)), Layer.orDie(Devnet.layer()))

  static readonly layer = TestDeployment.layerOf(standard)
}

/** Opens the markets of new accounts on the shared readers; they close with the scope. */
export const marketOpener = Effect.gen(function* () {
  const { marketplace, newKey } = yield* TestDeployment
  const shared = yield* Effect.context<ChainRpc | BlockReader | LogReader>()
  const scope = yield* Effect.scope
  return Effect.fnUntraced(function* (tokens = 0n) {
    const privateKey = yield* Effect.orDie(newKey(tokens))
    const built = Layer.build(MarketEvm.layerAccount({ marketplace, privateKey })).pipe(
      Effect.provideContext(Context.add(shared, Scope.Scope, scope)),
    )
    return Context.get(yield* built, Market)
  })
})

/** Readers of the deployment's chain, through its own node or another one that stands before it. */
export const layerReaders = (throughUrl?: string) =>
  Layer.unwrap(
    Effect.map(TestDeployment, ({ url }) => MarketEvm.layerChain({ url: throughUrl ?? url, pollingInterval })),
  )

/** On the deployment and its readers, which others can share. */
export const layerBed = Layer.effect(
  MarketBed,
  Effect.gen(function* () {
    const devnet = yield* Devnet
    const blocks = yield* BlockReader
    const deployment = yield* TestDeployment
    const newMarket = yield* marketOpener
    yield* Effect.orDie(devnet.rpc("anvil_setBlockTimestampInterval", [0]))

    const blockNumber = Effect.orDie(Effect.map(devnet.rpc("eth_blockNumber"), (answer) => BigInt(String(answer))))
    /** What was done to the chain is known to its readers. */
    const seen = <A, E>(effect: Effect.Effect<A, E>) =>
      Effect.tap(Effect.orDie(effect), Effect.flatMap(blockNumber, blocks.reach))
    const now = Effect.andThen(
      seen(Effect.void),
      Effect.map(blocks.chain, (chain) => Chain.head(chain).timestamp),
    )

    return MarketBed.of({
      contract: deployment.marketplace,
      newMarket: (tokens) => seen(newMarket(tokens)),
      blockNumber,
      now,
      advanceTo: (time) => seen(Effect.andThen(devnet.setNextBlockTimestamp(time), devnet.mine())),
      advanceBlocks: (count) => seen(devnet.rpc("anvil_mine", [toBeHex(count)])),
      forciblyFreeSlot: (slotId) => seen(deployment.forciblyFreeSlot(slotId)),
    })
  }),
)

const layerAlone = Layer.provide(layerBed, layerReaders())
export const layerAnvilBed = Layer.provide(layerAlone, TestDeployment.layer)
export const layerAnvilBedWithOptions = Layer.provide(layerAlone, TestDeployment.layerOf(withOptions))
