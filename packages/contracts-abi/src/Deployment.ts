import { Effect, FileSystem, Option, Record, Result, Schema } from "effect"
import { Address, zeroAddress } from "./Address.ts"
import {
  ContractNotDeployed,
  DeployedElsewhere,
  DeploymentMalformed,
  DeploymentUnreadable,
  NoKnownDeployment,
} from "./DeploymentError.ts"
import { oneLine } from "./internal/oneLine.ts"

const isChainId = (id: string | number): boolean =>
  typeof id === "number" ? Number.isSafeInteger(id) && id >= 0 : /^\d{1,78}$/.test(id)
const chainIdExpected = { message: "Expected a whole number or its decimal digits" }

/** A number, or digits as some deployment tools write them. */
const ChainId = Schema.Union([Schema.Number, Schema.String])
  .annotate(chainIdExpected)
  .check(Schema.makeFilter(isChainId, chainIdExpected))

const DeploymentJson = Schema.Struct({
  chainId: Schema.optionalKey(ChainId),
  contracts: Schema.Record(Schema.String, Schema.Struct({ address: Schema.String })),
})
const decodeJson = Schema.decodeUnknownResult(DeploymentJson)

/** Where the contracts of one chain stand. */
export class Deployment extends Schema.Class<Deployment>("@pecia/contracts-abi/Deployment")({
  /** Where this is known from: a file, or "the default for chain 31337". */
  source: Schema.String,
  /** None: the deployment does not say which chain it is for. */
  chainId: Schema.Option(Schema.BigInt),
  contracts: Schema.Record(Schema.String, Address),
}) {
  /** Reads a deployment file's text; `source` names it in errors. Members that are not needed here are left alone. */
  static parse(text: string, source: string): Result.Result<Deployment, DeploymentMalformed> {
    const malformed = (problem: DeploymentMalformed["problem"], detail: string) =>
      new DeploymentMalformed({ source, problem, detail: oneLine(detail).replace(/\.$/, "") })
    return Result.gen(function* () {
      const json: unknown = yield* Result.try({
        // editors of some systems put a byte-order mark before the text
        try: () => JSON.parse(text.replace(/^\uFEFF/, "")),
        catch: (cause) => malformed("NotJson", `it is not JSON: ${cause instanceof Error ? cause.message : cause}`),
      })
      const { chainId, contracts } = yield* Result.mapError(decodeJson(json), ({ message }) =>
        malformed("Shape", message),
      )
      const addresses: Array<[string, Address]> = []
      for (const [name, { address }] of Object.entries(contracts)) {
        const known = yield* Result.mapError(Address.from(address), ({ message }) =>
          malformed("Address", `${name}: ${message}`),
        )
        if (known === zeroAddress) {
          return yield* Result.fail(malformed("Address", `${name}: at the zero address there is never a contract`))
        }
        addresses.push([name, known])
      }
      return new Deployment({
        source,
        chainId: Option.map(Option.fromUndefinedOr(chainId), BigInt),
        contracts: Object.fromEntries(addresses),
      })
    })
  }

  /**
   * The deployment to use on a chain when no file is named. Chain 31337 is the devnet, where account 0 of the public mnemonic
   * "test test test test test test test test test test test junk" deploys the token with its first transaction, the
   * verifier with its second, the marketplace with its third and the offer market with its fourth; an address follows from the
   * account and the number of its transaction.
   */
  static known(chainId: bigint): Result.Result<Deployment, NoKnownDeployment> {
    return chainId === devnet.chainId
      ? Result.succeed(
          new Deployment({
            source: `the default for chain ${chainId}`,
            chainId: Option.some(chainId),
            contracts: devnet.contracts,
          }),
        )
      : Result.fail(new NoKnownDeployment({ chainId }))
  }

  /** The address of a contract, for use on the chain that we are connected to. */
  static addressOf(
    { source, chainId: deployedOn, contracts }: Deployment,
    contract: string,
    chainId: bigint,
  ): Result.Result<Address, ContractNotDeployed | DeployedElsewhere> {
    if (Option.isSome(deployedOn) && deployedOn.value !== chainId) {
      return Result.fail(new DeployedElsewhere({ source, deployedOn: deployedOn.value, chainId }))
    }
    return Result.fromOption(Record.get(contracts, contract), () => new ContractNotDeployed({ source, contract }))
  }

  /** Reads the named file, or else takes the default for the chain that we are connected to. */
  static readonly read = Effect.fn("Deployment.read")(function* (
    path: Option.Option<string>,
    chainId: bigint,
  ): Effect.fn.Return<
    Deployment,
    DeploymentUnreadable | DeploymentMalformed | NoKnownDeployment,
    FileSystem.FileSystem
  > {
    if (Option.isNone(path)) return yield* Effect.fromResult(Deployment.known(chainId))
    const fileSystem = yield* FileSystem.FileSystem
    const text = yield* fileSystem.readFileString(path.value).pipe(
      Effect.mapError(({ reason }) => {
        const detail = reason._tag === "NotFound" ? "there is no such file" : reason.message
        return new DeploymentUnreadable({ path: path.value, detail })
      }),
    )
    return yield* Effect.fromResult(Deployment.parse(text, path.value))
  })
}

const devnet = {
  chainId: 31_337n,
  contracts: {
    TestToken: Address.make("0x5fbdb2315678afecb367f032d93f642f64180aa3"),
    Marketplace: Address.make("0x9fe46736679d2d9a65f0992f2272de9f3c7fa6e0"),
    OfferMarket: Address.make("0xcf7ed3acca5a467e9e704c703e8d87f634fb0fc9"),
  },
}
