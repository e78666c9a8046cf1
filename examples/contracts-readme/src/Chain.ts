import { join } from "node:path"
import { deploy, writeDeployment } from "@pecia/contracts"
import { type Address, MarketplaceConfig, testTokenAbi } from "@pecia/contracts-abi"
import { Devnet } from "@pecia/devnet"
import { Effect, FileSystem, Redacted, Schema } from "effect"
import { Interface } from "ethers"
import { connect, listAccounts } from "./Connection.ts"
import type { Cast } from "./Flow.ts"

const config = new MarketplaceConfig({
  collateral: { initialAmount: 100n, minimumAmount: 40n, slashCriterion: 3n, slashPercentage: 10n },
  proofs: { period: 10n, timeout: 5n, downtime: 64n },
})

const token = new Interface(testTokenAbi)
const Block = Schema.Struct({ timestamp: Schema.String })

/** A chain of its own with the markets on it, where client, host and validator are its first accounts after the deployer. */
export const makeCast = Effect.fn("makeCast")(function* () {
  const { accounts, advanceTo, chainId, now, rpc, url, mine } = yield* chain
  yield* mine(257)
  const [deployer, ...signers] = accounts
  const deployment = yield* deploy({ url, privateKey: Redacted.make(deployer.privateKey), config })
  const directory = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
  const deploymentFile = join(directory, "deployment.json")
  yield* writeDeployment(deploymentFile, deployment)

  const addresses = yield* listAccounts(url)
  const mint = (to: Address) => {
    const data = token.encodeFunctionData("mint", [to, 1_000n])
    return rpc("eth_sendTransactionSync", [{ from: deployer.address, to: deployment.token, data }])
  }
  yield* Effect.forEach(addresses.slice(1, 3), mint)
  const [client, host, validator] = yield* Effect.forEach(signers.slice(0, 3), ({ privateKey }) =>
    connect({ url, deploymentFile, chainId, privateKey }),
  )
  if (!client || !host || !validator) return yield* Effect.die("the chain has too few accounts")
  const cast: Cast = { client, host, validator, now, advanceTo }
  return cast
})

const chain = Effect.map(Devnet, (devnet) => ({
  ...devnet,
  now: devnet.rpc("eth_getBlockByNumber", ["latest", false]).pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(Block)),
    Effect.map(({ timestamp }) => BigInt(timestamp)),
    Effect.orDie,
  ),
  advanceTo: (time: bigint) => devnet.setNextBlockTimestamp(time).pipe(Effect.andThen(devnet.mine()), Effect.orDie),
}))
