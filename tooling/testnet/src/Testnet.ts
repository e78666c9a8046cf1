import { randomUUID } from "node:crypto"
import { join } from "node:path"
import { deploy, type MarketplaceDeployment, writeDeployment } from "@pecia/contracts"
import { Address, type MarketplaceConfig, testTokenAbi } from "@pecia/contracts-abi"
import { Devnet, type DevnetRpcError } from "@pecia/devnet"
import { Context, Effect, FileSystem, Layer, Option, Redacted } from "effect"
import { Interface } from "ethers"
import { type PeciadOptions, startPeciad } from "./Peciad.ts"

export interface TestnetOptions {
  readonly config: MarketplaceConfig
  /** How many tokens each account gets, in base units; at most nine accounts. */
  readonly tokens: ReadonlyArray<bigint>
  /** Seconds between blocks, once everything is deployed; by default each transaction is mined at once. */
  readonly blockTimeSeconds?: number
}

export interface TestnetAccount {
  readonly address: Address
  readonly privateKey: string
  /** A file of mode 0600 with the private key. */
  readonly keyFile: string
}

type NodeOptions = Pick<
  PeciadOptions,
  "name" | "roles" | "peers" | "quotaBytes" | "marginPercent" | "apiPort" | "exchangePort"
>

const token = new Interface(testTokenAbi)

/** anvil shows the accounts' keys to everybody; each gets a file of its own, as a user's key would have. */
const accountsIn = (directory: string, devnet: Devnet["Service"], count: number) =>
  Effect.forEach(devnet.accounts.slice(1, count + 1), ({ address, privateKey }, index) =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const keyFile = join(directory, `account-${index}.key`)
      yield* fs.writeFileString(keyFile, privateKey, { mode: 0o600 })
      return { address: Address.make(address), privateKey, keyFile } satisfies TestnetAccount
    }),
  )

/** The last lines of every node's log. */
const lastWordsIn = Effect.fnUntraced(function* (directory: string) {
  const fs = yield* FileSystem.FileSystem
  const names = yield* Effect.orElseSucceed(fs.readDirectory(directory), () => [])
  const tails = yield* Effect.forEach(
    names.filter((name) => name.endsWith(".log")),
    (name) =>
      Effect.map(
        Effect.orElseSucceed(fs.readFileString(join(directory, name)), () => ""),
        (text) => `${name}:\n${text.trimEnd().split("\n").slice(-6).join("\n")}`,
      ),
  )
  return tails.join("\n")
})

const make = Effect.fnUntraced(function* (options: TestnetOptions) {
  const fs = yield* FileSystem.FileSystem
  const devnet = yield* Devnet
  const directory = yield* fs.makeTempDirectoryScoped({ prefix: "pecia-" })
  const [deployer] = devnet.accounts
  yield* devnet.mine(257)
  const deployment = yield* deploy({
    url: devnet.url,
    privateKey: Redacted.make(deployer.privateKey),
    config: options.config,
  })
  const deploymentFile = join(directory, "deployment.json")
  yield* writeDeployment(deploymentFile, deployment)
  const accounts = yield* accountsIn(directory, devnet, options.tokens.length)
  const mint = (to: Address, amount: bigint) =>
    devnet.rpc("eth_sendTransactionSync", [
      { from: deployer.address, to: deployment.token, data: token.encodeFunctionData("mint", [to, amount]) },
    ])
  yield* Effect.forEach(accounts, ({ address }, index) => mint(address, options.tokens[index] ?? 0n))
  if (options.blockTimeSeconds !== undefined) {
    yield* devnet.rpc("evm_setAutomine", [false])
    yield* devnet.rpc("evm_setIntervalMining", [options.blockTimeSeconds])
  }
  const network = randomUUID()
  return Testnet.of({
    directory,
    devnet,
    deployment,
    offerMarket: Option.getOrThrow(deployment.offerMarket),
    deploymentFile,
    accounts,
    mint: (to, amount) => Effect.asVoid(mint(to, amount)),
    lastWords: lastWordsIn(directory).pipe(Effect.provideService(FileSystem.FileSystem, fs)),
    peciad: (account, node) =>
      startPeciad({
        ...node,
        network,
        dataDirectory: join(directory, node.name),
        chainUrl: devnet.url,
        deploymentFile,
        keyFile: account.keyFile,
      }),
  })
})

/** Both markets on a local chain of its own, with accounts that have tokens. Its folder goes with the scope. */
export class Testnet extends Context.Service<
  Testnet,
  {
    readonly directory: string
    readonly devnet: Devnet["Service"]
    readonly deployment: MarketplaceDeployment
    readonly offerMarket: Address
    readonly deploymentFile: string
    readonly accounts: ReadonlyArray<TestnetAccount>
    readonly mint: (to: Address, amount: bigint) => Effect.Effect<void, DevnetRpcError>
    /** The end of what each node said, for whoever has to find out what went wrong. */
    readonly lastWords: Effect.Effect<string>
    /** Starts a node that signs for the account; its data stays in the testnet's folder under its name. */
    readonly peciad: (account: TestnetAccount, node: NodeOptions) => ReturnType<typeof startPeciad>
  }
>()("@pecia/testnet/Testnet") {
  static readonly layer = (options: TestnetOptions) =>
    Layer.effect(Testnet, make(options)).pipe(Layer.provide(Devnet.layer()))
}
