import { writeFile } from "node:fs/promises"
import { type Address, MarketplaceConfig, MarketplaceOptions } from "@pecia/contracts-abi"
import { Effect, Option, type Redacted } from "effect"
import type { VerifierName } from "./Artifact.ts"
import { DeploymentNotWritten } from "./DeployError.ts"
import { createContract, type DeployWallet, openWallet } from "./internal/deployer.ts"

/** Where the markets and their token stand. */
export interface MarketplaceDeployment {
  readonly chainId: bigint
  readonly marketplace: Address
  /** There is none beside a "TestMarketplace". */
  readonly offerMarket: Option.Option<Address>
  readonly token: Address
  /** The block of the marketplace's creation: no event of it is older. */
  readonly blockNumber: number
}

export interface DeployOptions {
  /** JSON-RPC over HTTP. Credentials in it are used, and never shown. */
  readonly url: string
  /** 0x and 64 hex digits, of an account that can pay for gas. */
  readonly privateKey: Redacted.Redacted<string>
  readonly config: MarketplaceConfig
  /** "TestMarketplace" stands alone, takes any proof that is not empty, and has `forciblyFreeSlot` besides. By default "Marketplace". */
  readonly contract?: "Marketplace" | "TestMarketplace"
  /** For "Marketplace" only. By default `MarketplaceOptions.standard`, which "TestMarketplace" always has. */
  readonly options?: MarketplaceOptions
  /** For "Marketplace" only. "TestVerifier" takes any proof that is not empty. By default "MerkleProofVerifier". */
  readonly verifier?: VerifierName
}

/** Creates a `TestToken`, a verifier, and the two markets that take them, above block 256 of the chain. */
export const deploy = Effect.fn("MarketplaceDeployment.deploy")(function* (options: DeployOptions) {
  const wallet = yield* openWallet(options.url, options.privateKey)
  const token = yield* createContract(wallet, "TestToken", [])
  const { marketplace, offerMarket } =
    options.contract === "TestMarketplace"
      ? yield* createTestMarketplace(wallet, token.address, options)
      : yield* createMarkets(wallet, token.address, options)
  const deployment: MarketplaceDeployment = {
    chainId: wallet.chainId,
    marketplace: marketplace.address,
    offerMarket,
    token: token.address,
    blockNumber: marketplace.blockNumber,
  }
  return deployment
}, Effect.scoped)

const createTestMarketplace = Effect.fnUntraced(function* (
  wallet: DeployWallet,
  token: Address,
  { config }: DeployOptions,
) {
  const marketplace = yield* createContract(wallet, "TestMarketplace", [token, MarketplaceConfig.toAbi(config)])
  return { marketplace, offerMarket: Option.none<Address>() }
})

const createMarkets = Effect.fnUntraced(function* (
  wallet: DeployWallet,
  token: Address,
  { config, options = MarketplaceOptions.standard, verifier = "MerkleProofVerifier" }: DeployOptions,
) {
  const { address } = yield* createContract(wallet, verifier, [])
  const args = [token, MarketplaceConfig.toAbi(config), address, MarketplaceOptions.toAbi(options)]
  const marketplace = yield* createContract(wallet, "Marketplace", args)
  const offerMarket = yield* createContract(wallet, "OfferMarket", args)
  return { marketplace, offerMarket: Option.some(offerMarket.address) }
})

/** The JSON file by which nodes find the markets: an address per contract. Replaces what is at `path`. */
export const writeDeployment = Effect.fn("MarketplaceDeployment.write")(
  (path: string, { chainId, marketplace, offerMarket, token }: MarketplaceDeployment) => {
    const contracts = {
      Marketplace: { address: marketplace },
      ...Option.match(offerMarket, { onNone: () => ({}), onSome: (address) => ({ OfferMarket: { address } }) }),
      TestToken: { address: token },
    }
    return Effect.tryPromise({
      try: () => writeFile(path, `${JSON.stringify({ chainId: `${chainId}`, contracts }, null, 2)}\n`),
      catch: (cause) => new DeploymentNotWritten({ path, reason: cause instanceof Error ? cause.message : `${cause}` }),
    })
  },
)
