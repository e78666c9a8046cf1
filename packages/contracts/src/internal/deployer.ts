import { Address } from "@pecia/contracts-abi"
import { Effect, Redacted, Schema } from "effect"
import { ContractFactory, FetchRequest, isError, JsonRpcProvider, Network, Wallet } from "ethers"
import { type ContractName, readArtifact } from "../Artifact.ts"
import { ChainTooShort, ContractRefused, MalformedPrivateKey, NoChain } from "../DeployError.ts"
import { type Endpoint, endpointOf } from "./endpoint.ts"

/** How long a transaction may take to be mined. */
const patienceMillis = 60_000

/** The block hashes that the marketplace can look back upon. */
const lookback = 256

const ChainId = Schema.Struct({ result: Schema.String.pipe(Schema.check(Schema.isPattern(/^0x[0-9a-f]+$/i))) })

/** Asked without ethers, which would go on trying for ever where nobody answers. */
const chainIdAt = ({ url, headers, shown }: Endpoint) =>
  Effect.tryPromise((signal) =>
    fetch(url, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] }),
      signal,
    }).then((response) => response.json()),
  ).pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(ChainId)),
    Effect.timeout("10 seconds"),
    Effect.map(({ result }) => BigInt(result)),
    Effect.mapError(() => new NoChain({ url: shown })),
  )

const requestTo = ({ url, headers }: Endpoint) => {
  const request = new FetchRequest(url)
  for (const [name, value] of Object.entries(headers)) request.setHeader(name, value)
  return request
}

export interface DeployWallet {
  readonly chainId: bigint
  readonly signer: Wallet
}

/** An account on the chain at `url`, closed with the scope. Fails when the chain is too short for a marketplace. */
export const openWallet = Effect.fnUntraced(function* (url: string, privateKey: Redacted.Redacted<string>) {
  const key = yield* Effect.try({
    try: () => new Wallet(Redacted.value(privateKey)),
    catch: () => new MalformedPrivateKey(),
  })
  const endpoint = yield* Effect.fromResult(endpointOf(url))
  const chainId = yield* chainIdAt(endpoint)
  const provider = yield* Effect.acquireRelease(
    Effect.sync(() => {
      // fresh answers only: a cached nonce would be used twice
      const options = { staticNetwork: Network.from(chainId), cacheTimeout: -1, pollingInterval: 100 }
      return new JsonRpcProvider(requestTo(endpoint), chainId, options)
    }),
    (provider) => Effect.sync(() => provider.destroy()),
  )
  const blockNumber = yield* Effect.tryPromise({
    try: () => provider.getBlockNumber(),
    catch: () => new NoChain({ url: endpoint.shown }),
  })
  // the next block is the first that can hold the marketplace
  if (blockNumber < lookback) return yield* new ChainTooShort({ blockNumber, missingBlocks: lookback - blockNumber })
  const wallet: DeployWallet = { chainId, signer: key.connect(provider) }
  return wallet
})

/** Creates a contract and waits until it is mined. */
export const createContract = Effect.fnUntraced(function* (
  { signer }: DeployWallet,
  name: ContractName,
  args: ReadonlyArray<unknown>,
) {
  const { abi, bytecode } = yield* readArtifact(name)
  const create = async () => {
    const contract = await new ContractFactory(abi, bytecode, signer).deploy(...args)
    return contract.deploymentTransaction()?.wait(1, patienceMillis)
  }
  const refused = (reason: string) => new ContractRefused({ contract: name, account: signer.address, reason })
  const receipt = yield* Effect.tryPromise({ try: create, catch: (cause) => refused(reasonOf(cause)) })
  if (!receipt?.contractAddress) return yield* refused("its transaction created no contract")
  return { address: Address.make(receipt.contractAddress.toLowerCase()), blockNumber: receipt.blockNumber }
})

const reasonOf = (cause: unknown) => {
  if (isError(cause, "CALL_EXCEPTION")) return cause.reason ?? cause.shortMessage
  if (isError(cause, "INSUFFICIENT_FUNDS")) return "the account has too little ether"
  // its long message has the URL
  if (isError(cause, "SERVER_ERROR")) return cause.shortMessage
  return cause instanceof Error ? cause.message : String(cause)
}
