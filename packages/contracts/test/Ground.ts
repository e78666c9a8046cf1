import { type ContractName, type DeployOptions, deploy, readArtifact } from "@pecia/contracts"
import { type Address, MarketplaceConfig } from "@pecia/contracts-abi"
import { Devnet, type DevnetRpcError } from "@pecia/devnet"
import { Effect, Redacted, Schema } from "effect"
import { Interface, MaxUint256 } from "ethers"

/** The contract said no: the string of `require`, or what the EVM panicked of. */
export class Reverted extends Schema.TaggedError<Reverted>()("Reverted", { reason: Schema.String }) {
  override get message() {
    return this.reason
  }
}

export interface Log {
  readonly name: string
  readonly args: ReadonlyArray<unknown>
}

/** The configuration of the contract interface, section 1. */
export const referenceConfig = new MarketplaceConfig({
  collateral: { initialAmount: 100n, minimumAmount: 40n, slashCriterion: 3n, slashPercentage: 10n },
  proofs: { period: 10n, timeout: 5n, downtime: 64n },
})

const Receipt = Schema.Struct({
  status: Schema.String,
  logs: Schema.Array(Schema.Struct({ topics: Schema.Array(Schema.String), data: Schema.String })),
})
const Block = Schema.Struct({ number: Schema.String, timestamp: Schema.String, hash: Schema.String })

const asReverted = (error: DevnetRpcError) => new Reverted({ reason: error.reason.replace("execution reverted: ", "") })

export type GroundOptions = Partial<Omit<DeployOptions, "url" | "privateKey">>

/** Anvil with the contracts of a deployment on it; each block is one second later than the one before. */
export const makeGround = Effect.fnUntraced(function* ({
  config = referenceConfig,
  contract = "Marketplace",
  ...choices
}: GroundOptions) {
  const devnet = yield* Devnet
  const { accounts, rpc } = devnet
  yield* rpc("anvil_setBlockTimestampInterval", [1])
  yield* rpc("anvil_autoImpersonateAccount", [true])
  yield* devnet.mine(257)
  const privateKey = Redacted.make(accounts[0].privateKey)
  const deployed = yield* deploy({ url: devnet.url, privateKey, config, contract, ...choices })
  const [, client, host, otherHost, stranger] = accounts.map(({ address }) => address)
  if (!client || !host || !otherHost || !stranger) return yield* Effect.die("too few accounts")

  const token = new Interface((yield* readArtifact("TestToken")).abi)

  const block = Effect.fnUntraced(function* (tag: string) {
    const { number, timestamp, hash } = yield* Effect.orDie(
      Effect.flatMap(rpc("eth_getBlockByNumber", [tag, false]), Schema.decodeUnknownEffect(Block)),
    )
    return { number: BigInt(number), timestamp: BigInt(timestamp), hash }
  })

  /** Talks to a contract by the names of its methods. */
  const talk = (contract: Interface, to: Address) => {
    const parse = ({ topics, data }: { readonly topics: ReadonlyArray<string>; readonly data: string }): Log => {
      const log = contract.parseLog({ topics, data }) ?? token.parseLog({ topics, data })
      return { name: log?.name ?? "?", args: log?.args.toArray(true) ?? [] }
    }

    /** A transaction in a block of its own; answers the logs of the contract and the token. */
    const send = Effect.fnUntraced(function* (from: string, method: string, ...args: ReadonlyArray<unknown>) {
      const transaction = { from, to, data: contract.encodeFunctionData(method, args) }
      yield* Effect.mapError(rpc("eth_estimateGas", [transaction, "pending"]), asReverted)
      const receipt = yield* rpc("eth_sendTransactionSync", [{ ...transaction, gas: "0x1312d00" }]).pipe(
        Effect.flatMap(Schema.decodeUnknownEffect(Receipt)),
        Effect.orDie,
      )
      if (receipt.status !== "0x1")
        return yield* Effect.die(`the estimate passed, but the transaction failed: ${transaction.data}`)
      return receipt.logs.map(parse)
    })

    /** What a view answers, as bytes; `gas` is what the call may use, by default anvil's limit. */
    const encodedAs = (from: string, method: string, args: ReadonlyArray<unknown>, tag: string, gas?: bigint) => {
      const data = contract.encodeFunctionData(method, args)
      const limit = gas === undefined ? {} : { gas: `0x${gas.toString(16)}` }
      return rpc("eth_call", [{ from, to, data, ...limit }, tag]).pipe(
        Effect.mapBoth({ onFailure: asReverted, onSuccess: String }),
      )
    }
    const callAs = Effect.fnUntraced(function* (...[from, method, ...rest]: Parameters<typeof encodedAs>) {
      const answer = yield* encodedAs(from, method, ...rest)
      const values: ReadonlyArray<unknown> = contract.decodeFunctionResult(method, answer).toArray(true)
      return values
    })
    const viewAs = (from: string, method: string, ...args: ReadonlyArray<unknown>) =>
      Effect.map(callAs(from, method, args, "latest"), ([value]) => value)
    const view = (method: string, ...args: ReadonlyArray<unknown>) => viewAs(stranger, method, ...args)
    const fieldsAs = (from: string, method: string, ...args: ReadonlyArray<unknown>) =>
      Effect.map(viewAs(from, method, ...args), (value): ReadonlyArray<unknown> => (Array.isArray(value) ? value : []))

    /** Sends many transactions of one account, several to a block, and does not look at what becomes of them. */
    const sendAll = Effect.fnUntraced(function* (
      from: string,
      method: string,
      calls: ReadonlyArray<ReadonlyArray<unknown>>,
    ) {
      yield* rpc("evm_setAutomine", [false])
      for (const args of calls) {
        const data = contract.encodeFunctionData(method, args)
        yield* rpc("eth_sendTransaction", [{ from, to, data, gas: "0x7a120" }])
      }
      yield* devnet.mine(Math.ceil(calls.length / 50))
      yield* rpc("evm_setAutomine", [true])
    })

    return {
      send,
      sendAll,
      callAs,
      /** What a view answers at the last block. */
      view,
      /** The bytes that a view answers. */
      encoded: (method: string, ...args: ReadonlyArray<unknown>) => encodedAs(stranger, method, args, "latest"),
      /** What a view answers to a transaction in the next block. */
      upcoming: (method: string, ...args: ReadonlyArray<unknown>) =>
        Effect.map(callAs(stranger, method, args, "pending"), ([value]) => value),
      /** All values that a view answers. */
      answers: (method: string, ...args: ReadonlyArray<unknown>) => callAs(stranger, method, args, "latest"),
      count: (method: string, ...args: ReadonlyArray<unknown>) =>
        Effect.map(view(method, ...args), (value) => BigInt(String(value))),
      /** The fields of the tuple, or the elements of the list, that a view answers. */
      fields: (method: string, ...args: ReadonlyArray<unknown>) => fieldsAs(stranger, method, ...args),
      fieldsAs,
    }
  }

  const { send: sendToken, count: countToken } = talk(token, deployed.token)

  return {
    devnet,
    ...deployed,
    config,
    client,
    host,
    otherHost,
    stranger,
    block,
    head: block("latest"),
    now: Effect.map(block("latest"), ({ timestamp }) => timestamp),
    /** Mines one block with this time. */
    goTo: (timestamp: bigint) => Effect.andThen(devnet.setNextBlockTimestamp(timestamp), devnet.mine()),
    /** Gives the block of the next transaction this time. */
    at: devnet.setNextBlockTimestamp,
    sendToken,
    tokens: (account: string) => Effect.orDie(countToken("balanceOf", account)),
    /** Makes tokens for an account, which the market may take. */
    fund: Effect.fnUntraced(function* (account: string, amount: bigint, market: Address = deployed.marketplace) {
      yield* sendToken(stranger, "mint", account, amount)
      yield* sendToken(account, "approve", market, MaxUint256)
    }),
    /** Talks to a deployed contract. */
    talkTo: (name: ContractName, address: Address) =>
      Effect.map(readArtifact(name), ({ abi }) => talk(new Interface(abi), address)),
    /** From here on the token answers false to everything. */
    breakToken: Effect.orDie(rpc("anvil_setCode", [deployed.token, "0x60206000f3"])),
  }
})

export type Ground = Effect.Success<ReturnType<typeof makeGround>>

/** What a transaction brings an account, in tokens. */
export const gain = Effect.fnUntraced(function* <E, R>(
  { tokens }: Ground,
  account: string,
  transaction: Effect.Effect<unknown, E, R>,
) {
  const before = yield* tokens(account)
  yield* transaction
  return (yield* tokens(account)) - before
})

/** The reason for which an effect reverts. */
export const reasonOf = <A, E extends Error, R>(effect: Effect.Effect<A, E | Reverted, R>) =>
  Effect.flip(effect).pipe(
    Effect.map(({ message }) => message),
    Effect.catch((answer) => Effect.die(new Error(`nothing reverted; the answer is ${String(answer)}`))),
  )

export const names = (logs: ReadonlyArray<Log>) => logs.map(({ name }) => name)
