import { writeFile } from "node:fs/promises"
import { type Address, MarketplaceConfig, MarketplaceOptions } from "@pecia/contracts-abi"
import { Effect, type Redacted } from "effect"
import type { VerifierName } from "./Artifact.ts"
import { DeploymentNotWritten } from "./DeployError.ts"
import { createContract, type DeployWallet, openWallet } from "./internal/deployer.ts"

/** Where a marketplace and its token stand. */
export interface MarketplaceDeployment {
  readonly chainId: bigint
  readonly marketplace: Address
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
  /** "TestMarketplace" takes any proof that is not empty, and has `forciblyFreeSlot` besides. By default "Marketplace". */
  readonly contract?: "Marketplace" | "TestMarketplace"
  /** For "Marketplace" only. By default `MarketplaceOptions.standard`, which "TestMarketplace" always has. */
  readonly options?: MarketplaceOptions
  /** For "Marketplace" only. "TestVerifier" takes any proof that is not empty. By default "MerkleProofVerifier". */
  readonly verifier?: VerifierName
}

/** Creates a `TestToken`, a verifier, and a marketplace that takes them, above block 256 of the chain. */
export const deploy = Effect.fn("MarketplaceDeployment.deploy")(function* (options: DeployOptions) {
  const wallet = yield* openWallet(options.url, options.privateKey)
  const token = yield* createContract(wallet, "TestToken", [])
  const config = MarketplaceConfig.toAbi(options.config)
  const marketplace =
    options.contract === "TestMarketplace"
      ? yield* createContract(wallet, "TestMarketplace", [token.address, config])
      : yield* createVerifiedMarketplace(wallet, token.address, options)
  const deployment: MarketplaceDeployment = {
    chainId: wallet.chainId,
    marketplace: marketplace.address,
    token: token.address,
    blockNumber: marketplace.blockNumber,
  }
  return deployment
}, Effect.scoped)

const createVerifiedMarketplace = Effect.fnUntraced(function* (
  wallet: DeployWallet,
  token: Address,
  { config, options = MarketplaceOptions.standard, verifier = "MerkleProofVerifier" }: DeployOptions,
) {
  const { address } = yield* createContract(wallet, verifier, [])
  const args = [token, MarketplaceConfig.toAbi(config), address, MarketplaceOptions.toAbi(options)]
  return yield* createContract(wallet, "Marketplace", args)
})

/** The JSON file by which nodes find a marketplace: an address per contract. Replaces what is at `path`. */
export const writeDeployment = Effect.fn("MarketplaceDeployment.write")(
  (path: string, { chainId, marketplace, token }: MarketplaceDeployment) => {
    const contracts = { Marketplace: { address: marketplace }, TestToken: { address: token } }
    return Effect.tryPromise({
      try: () => writeFile(path, `${JSON.stringify({ chainId: `${chainId}`, contracts }, null, 2)}\n`),
      catch: (cause) => new DeploymentNotWritten({ path, reason: cause instanceof Error ? cause.message : `${cause}` }),
    })
  },
)
