import { assert, layer } from "@effect/vitest"
import { readArtifact } from "@pecia/contracts"
import { Address, MarketplaceConfig, MarketplaceOptions } from "@pecia/contracts-abi"
import { Devnet } from "@pecia/devnet"
import { Effect } from "effect"
import { ContractFactory, getCreateAddress, MaxUint256, ZeroAddress } from "ethers"
import { Bed, onBed, referenceConfig } from "./Bed.ts"

const { collateral, proofs } = referenceConfig

/** What the chain says to a marketplace that is created with these rules; empty: it takes it. */
const refusalOf = Effect.fnUntraced(function* (
  contract: "Marketplace" | "TestMarketplace",
  config: { collateral?: Partial<typeof collateral>; proofs?: Partial<typeof proofs> },
  [treasury, markerPercentage, perSlot]: readonly [string, number, boolean] = [ZeroAddress, 20, false],
) {
  const devnet = yield* Devnet
  const { abi, bytecode } = yield* readArtifact(contract)
  const rules = MarketplaceConfig.toAbi(
    new MarketplaceConfig({
      collateral: { ...collateral, ...config.collateral },
      proofs: { ...proofs, ...config.proofs },
    }),
  )
  const choices = contract === "Marketplace" ? [ZeroAddress, [treasury, markerPercentage, perSlot]] : []
  const { data } = yield* Effect.promise(() =>
    new ContractFactory(abi, bytecode).getDeployTransaction(ZeroAddress, rules, ...choices),
  )
  return yield* devnet.rpc("eth_estimateGas", [{ from: devnet.accounts[0].address, data }, "latest"]).pipe(
    Effect.as(""),
    Effect.catchTag("DevnetRpcError", ({ reason }) => Effect.succeed(reason.replace("execution reverted: ", ""))),
  )
})

const refused = {
  "Invalid period": [{ proofs: { period: 0n } }, { proofs: { period: 0n, timeout: 0n } }],
  "Timeout too long": [
    { proofs: { period: 10n, timeout: 421n } },
    { proofs: { period: 1n, timeout: MaxUint256 } },
    { proofs: { period: MaxUint256 / 42n, timeout: MaxUint256 } },
  ],
  "Invalid slash criterion": [{ collateral: { slashCriterion: 0n } }],
  "Invalid slash percentage": [
    { collateral: { slashPercentage: 101n } },
    { collateral: { slashPercentage: MaxUint256 } },
  ],
}

const accepted = {
  "a timeout of 42 periods": { proofs: { period: 10n, timeout: 420n } },
  "no timeout": { proofs: { timeout: 0n } },
  "a period as long as can be": { proofs: { period: MaxUint256, timeout: MaxUint256 } },
  "no downtime": { proofs: { downtime: 0n } },
  "the longest downtime": { proofs: { downtime: 255n } },
  "all of the collateral slashed at every miss": { collateral: { slashCriterion: 1n, slashPercentage: 100n } },
  "no collateral": { collateral: { initialAmount: 0n, minimumAmount: 0n } },
}

const mature = Devnet.use(({ mine }) => mine(257))

layer(Devnet.layer())("a marketplace cannot be created", (it) => {
  it.effect("before block 257, whatever else is wrong", () =>
    Effect.gen(function* () {
      const devnet = yield* Devnet
      const hopeless = { collateral: { slashCriterion: 0n }, proofs: { period: 0n } }
      yield* devnet.mine(256)
      assert.strictEqual(yield* refusalOf("TestMarketplace", hopeless), "Insufficient block height")
      assert.strictEqual(yield* refusalOf("Marketplace", {}), "Insufficient block height")
      yield* devnet.mine(1)
      assert.strictEqual(yield* refusalOf("TestMarketplace", hopeless), "Invalid period")
      assert.strictEqual(yield* refusalOf("Marketplace", {}), "")
    }),
  )

  for (const [reason, configs] of Object.entries(refused))
    it.effect(`with rules that cannot work: ${reason}`, () =>
      Effect.gen(function* () {
        yield* mature
        for (const config of configs)
          for (const contract of ["Marketplace", "TestMarketplace"] as const)
            assert.strictEqual(yield* refusalOf(contract, config), reason)
      }),
    )

  it.effect("with a marker who gets more than everything", () =>
    Effect.gen(function* () {
      yield* mature
      for (const percentage of [101, 255])
        assert.strictEqual(
          yield* refusalOf("Marketplace", {}, [ZeroAddress, percentage, false]),
          "Invalid marker percentage",
        )
      assert.strictEqual(yield* refusalOf("Marketplace", {}, [ZeroAddress, 100, true]), "")
    }),
  )

  it.effect("for the first of several reasons", () =>
    Effect.gen(function* () {
      yield* mature
      const all = { period: 0n, timeout: MaxUint256 }
      const worst = { slashCriterion: 0n, slashPercentage: 101n }
      const marker = [ZeroAddress, 101, false] as const
      const inOrder = [
        ["Invalid period", { proofs: all, collateral: worst }],
        ["Timeout too long", { proofs: { timeout: MaxUint256 }, collateral: worst }],
        ["Invalid slash criterion", { collateral: worst }],
        ["Invalid slash percentage", { collateral: { slashPercentage: 101n } }],
        ["Invalid marker percentage", {}],
      ] as const
      for (const [reason, config] of inOrder)
        assert.strictEqual(yield* refusalOf("Marketplace", config, marker), reason)
    }),
  )
})

layer(Devnet.layer())("a marketplace can be created", (it) => {
  for (const [what, config] of Object.entries(accepted))
    it.effect(`with ${what}`, () =>
      Effect.gen(function* () {
        yield* mature
        assert.strictEqual(yield* refusalOf("TestMarketplace", config), "")
      }),
    )
})

layer(Bed.layer())("the views of how it was created", (it) => {
  it.effect("say that the test build burns four fifths and takes collateral once", () =>
    onBed(function* (bed) {
      assert.deepEqual(yield* bed.fields("options"), [ZeroAddress, 20n, false])
      assert.deepEqual(yield* bed.answers("config"), MarketplaceConfig.toAbi(referenceConfig))
    }),
  )
})

const treasury = Address.make(`0x${"7e".repeat(20)}`)
const options = new MarketplaceOptions({ treasury, markerPercentage: 7n, collateralPerSlot: true })

layer(Bed.layer({ contract: "Marketplace", options }))("the views of how a verified one was created", (it) => {
  it.effect("say what it was given", () =>
    onBed(function* (bed) {
      const [owner, ...rest] = yield* bed.fields("options")
      assert.deepEqual([String(owner).toLowerCase(), ...rest], [treasury, 7n, true])
      // the second contract of the account that deploys
      const [account] = bed.devnet.accounts
      const verifier = String(yield* bed.view("verifier")).toLowerCase()
      assert.strictEqual(verifier, getCreateAddress({ from: account.address, nonce: 1 }).toLowerCase())
    }),
  )
})
