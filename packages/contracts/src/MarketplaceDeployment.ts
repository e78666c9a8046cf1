import { writeFile } from "node:fs/promises"
import { type Address, MarketplaceConfig } from "@pecia/contracts-abi"
import { Effect, type Redacted } from "effect"
import { DeploymentNotWritten } from "./DeployError.ts"
import { createContract, openWallet } from "./internal/deployer.ts"

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
  /** "TestMarketplace" has `forciblyFreeSlot` besides. By default "Marketplace". */
  readonly contract?: "Marketplace" | "TestMarketplace"
}

/** Creates a `TestToken` and a marketplace that takes it, above block 256 of the chain. */
export const deploy = Effect.fn("MarketplaceDeployment.deploy")(function* (options: DeployOptions) {
  const wallet = yield* openWallet(options.url, options.privateKey)
  const token = yield* createContract(wallet, "TestToken", [])
  const marketplace = yield* createContract(wallet, options.contract ?? "Marketplace", [
    token.address,
    MarketplaceConfig.toAbi(options.config),
  ])
  const deployment: MarketplaceDeployment = {
    chainId: wallet.chainId,
    marketplace: marketplace.address,
    token: token.address,
    blockNumber: marketplace.blockNumber,
  }
  return deployment
}, Effect.scoped)

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
