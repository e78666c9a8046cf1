import { type DeployOptions, deploy, readArtifact } from "@pecia/contracts"
import { MarketplaceConfig } from "@pecia/contracts-abi"
import { Devnet, type DevnetRpcError } from "@pecia/devnet"
import { Context, Effect, Layer, Redacted, Schema } from "effect"
import { Interface, MaxUint256 } from "ethers"
import { requestId, slotId, type TestRequest, vector } from "./TestRequest.ts"

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

/** Before the expiry of the vectors. */
export const genesis = 1_699_900_000n

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

const requestStates = ["New", "Started", "Cancelled", "Finished", "Failed"]
const slotStates = ["Free", "Filled", "Finished", "Failed", "Paid"]

const asReverted = (error: DevnetRpcError) => new Reverted({ reason: error.reason.replace("execution reverted: ", "") })

export interface BedOptions extends Partial<Omit<DeployOptions, "url" | "privateKey">> {
  /** Collateral that the two hosts put up, in tokens. */
  readonly deposit?: bigint
}

/** Anvil with a marketplace on it, by default a TestMarketplace; each block is one second later than the one before. */
const make = Effect.fnUntraced(function* ({
  config = referenceConfig,
  contract = "TestMarketplace",
  deposit = 100n,
  ...choices
}: BedOptions) {
  const devnet = yield* Devnet
  const { accounts, rpc } = devnet
  yield* rpc("anvil_setBlockTimestampInterval", [1])
  yield* rpc("anvil_autoImpersonateAccount", [true])
  yield* devnet.mine(257)
  const deployed = yield* deploy({
    url: devnet.url,
    privateKey: Redacted.make(accounts[0].privateKey),
    config,
    contract,
    ...choices,
  })
  const market = new Interface((yield* readArtifact(contract)).abi)
  const token = new Interface((yield* readArtifact("TestToken")).abi)
  const [, client, host, otherHost, stranger] = accounts.map(({ address }) => address)
  if (!client || !host || !otherHost || !stranger) return yield* Effect.die("too few accounts")

  const block = Effect.fnUntraced(function* (tag: string) {
    const { number, timestamp, hash } = yield* Effect.orDie(
      Effect.flatMap(rpc("eth_getBlockByNumber", [tag, false]), Schema.decodeUnknownEffect(Block)),
    )
    return { number: BigInt(number), timestamp: BigInt(timestamp), hash }
  })

  const parse = ({ topics, data }: { readonly topics: ReadonlyArray<string>; readonly data: string }): Log => {
    const log = market.parseLog({ topics, data }) ?? token.parseLog({ topics, data })
    return { name: log?.name ?? "?", args: log?.args.toArray() ?? [] }
  }

  const transact = Effect.fnUntraced(function* (from: string, to: string, data: string) {
    const transaction = { from, to, data }
    yield* Effect.mapError(rpc("eth_estimateGas", [transaction, "pending"]), asReverted)
    const receipt = yield* rpc("eth_sendTransactionSync", [{ ...transaction, gas: "0x1312d00" }]).pipe(
      Effect.flatMap(Schema.decodeUnknownEffect(Receipt)),
      Effect.orDie,
    )
    if (receipt.status !== "0x1") return yield* Effect.die(`the estimate passed, but the transaction failed: ${data}`)
    return receipt.logs.map(parse)
  })

  /** A transaction in a block of its own; answers the logs of marketplace and token. */
  const send = (from: string, method: string, ...args: ReadonlyArray<unknown>) =>
    transact(from, deployed.marketplace, market.encodeFunctionData(method, args))
  const sendToken = (from: string, method: string, ...args: ReadonlyArray<unknown>) =>
    transact(from, deployed.token, token.encodeFunctionData(method, args))

  /** What a view answers, as bytes; `gas` is what the call may use, by default anvil's limit. */
  const encodedAs = (from: string, method: string, args: ReadonlyArray<unknown>, tag: string, gas?: bigint) =>
    rpc("eth_call", [
      {
        from,
        to: deployed.marketplace,
        data: market.encodeFunctionData(method, args),
        ...(gas === undefined ? {} : { gas: `0x${gas.toString(16)}` }),
      },
      tag,
    ]).pipe(Effect.mapBoth({ onFailure: asReverted, onSuccess: String }))
  const call = Effect.fnUntraced(function* (...[from, method, ...rest]: Parameters<typeof encodedAs>) {
    const answer = yield* encodedAs(from, method, ...rest)
    const values: ReadonlyArray<unknown> = market.decodeFunctionResult(method, answer).toArray(true)
    return values
  })
  /** What a view answers at the last block. */
  const view = (method: string, ...args: ReadonlyArray<unknown>) => viewAs(stranger, method, ...args)
  const viewAs = (from: string, method: string, ...args: ReadonlyArray<unknown>) =>
    Effect.map(call(from, method, args, "latest"), ([value]) => value)
  const count = (method: string, ...args: ReadonlyArray<unknown>) =>
    Effect.map(view(method, ...args), (value) => BigInt(String(value)))

  /** The fields of the tuple, or the elements of the list, that a view answers. */
  const fields = (method: string, ...args: ReadonlyArray<unknown>) => fieldsAs(stranger, method, ...args)
  const fieldsAs = (from: string, method: string, ...args: ReadonlyArray<unknown>) =>
    Effect.map(viewAs(from, method, ...args), (value): ReadonlyArray<unknown> => (Array.isArray(value) ? value : []))

  const tokens = Effect.fnUntraced(function* (account: string) {
    const transaction = { to: deployed.token, data: token.encodeFunctionData("balanceOf", [account]) }
    return BigInt(String(yield* Effect.orDie(rpc("eth_call", [transaction, "latest"]))))
  })

  const fund = Effect.fnUntraced(function* (account: string, amount: bigint) {
    yield* sendToken(stranger, "mint", account, amount)
    yield* sendToken(account, "approve", deployed.marketplace, MaxUint256)
  })
  for (const account of [client, host, otherHost]) yield* fund(account, 1_000_000_000n)
  for (const account of [host, otherHost]) yield* send(account, "deposit", deposit)

  /** A request of the client for an hour, which expires in ten minutes. */
  const newRequest = Effect.fnUntraced(function* (
    ask: Partial<TestRequest["ask"]> = {},
    rest: Partial<Pick<TestRequest, "client" | "content" | "expiry" | "nonce">> = {},
  ) {
    const { timestamp } = yield* block("latest")
    const request: TestRequest = {
      ...vector,
      client,
      expiry: timestamp + 600n,
      ...rest,
      ask: { ...vector.ask, duration: 3600n, ...ask },
    }
    const id = requestId(request)
    const [slot, ...others] = [slotId(id, 0n), slotId(id, 1n), slotId(id, 2n), slotId(id, 3n)] as const
    return { request, id, slot, slots: [slot, ...others] as const }
  })

  const requested = Effect.fnUntraced(function* (...args: Parameters<typeof newRequest>) {
    const made = yield* newRequest(...args)
    yield* send(made.request.client, "requestStorage", made.request)
    return made
  })

  const fill = (from: string, { id }: { readonly id: string }, slotIndex = 0n, proof = "0x01") =>
    send(from, "fillSlot", id, slotIndex, proof)

  /** Sends many transactions of one account, several to a block, and does not look at what becomes of them. */
  const sendAll = Effect.fnUntraced(function* (
    from: string,
    method: string,
    calls: ReadonlyArray<ReadonlyArray<unknown>>,
  ) {
    yield* rpc("evm_setAutomine", [false])
    for (const args of calls) {
      const data = market.encodeFunctionData(method, args)
      yield* rpc("eth_sendTransaction", [{ from, to: deployed.marketplace, data, gas: "0x7a120" }])
    }
    yield* devnet.mine(Math.ceil(calls.length / 50))
    yield* rpc("evm_setAutomine", [true])
  })

  /** A request whose slots are all kept by the host. */
  const started = Effect.fnUntraced(function* (...args: Parameters<typeof newRequest>) {
    const made = yield* requested(...args)
    for (let index = 0n; index < made.request.ask.slots; index++) yield* fill(host, made, index)
    return made
  })

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
    send,
    sendAll,
    sendToken,
    view,
    /** The bytes that a view answers. */
    encoded: (method: string, ...args: ReadonlyArray<unknown>) => encodedAs(stranger, method, args, "latest"),
    /** What a view answers to a transaction in the next block. */
    upcoming: (method: string, ...args: ReadonlyArray<unknown>) =>
      Effect.map(call(stranger, method, args, "pending"), ([value]) => value),
    /** All values that a view answers. */
    answers: (method: string, ...args: ReadonlyArray<unknown>) => call(stranger, method, args, "latest"),
    count,
    fields,
    fieldsAs,
    /** Ids of a list of the caller's, for no more gas than nodes usually allow, in no stable order. */
    list: (from: string, method: "myRequests" | "mySlots") =>
      Effect.map(call(from, method, [], "latest", 30_000_000n), ([ids]) => (Array.isArray(ids) ? ids.map(String) : [])),
    tokens,
    fund,
    newRequest,
    requested,
    fill,
    started,
    hostOf: (slot: string) => Effect.map(view("getHost", slot), (host) => String(host).toLowerCase()),
    requestState: (id: string) => Effect.map(count("requestState", id), (state) => requestStates[Number(state)]),
    slotState: (id: string) => Effect.map(count("slotState", id), (state) => slotStates[Number(state)]),
    /** From here on the token answers false to everything. */
    breakToken: Effect.orDie(rpc("anvil_setCode", [deployed.token, "0x60206000f3"])),
  }
})

export class Bed extends Context.Service<Bed, Effect.Success<ReturnType<typeof make>>>()("test/Bed") {
  static readonly layer = (options: BedOptions = {}) =>
    Layer.effect(Bed, make(options)).pipe(Layer.provide(Devnet.layer({ timestamp: genesis })))
}

/** A request as the bed makes it, with its ids. */
export type Requested = Effect.Success<ReturnType<Bed["Service"]["newRequest"]>>

/** Runs a test on the bed and undoes all that it did there. */
export const onBed = (test: (bed: Bed["Service"]) => Effect.fn.Return<void, Error>) =>
  Bed.use((bed) => bed.devnet.isolated(Effect.gen(() => test(bed))))

/** The reason for which an effect reverts. */
export const reasonOf = <A, E extends Error, R>(effect: Effect.Effect<A, E | Reverted, R>) =>
  Effect.flip(effect).pipe(
    Effect.map(({ message }) => message),
    Effect.catch((answer) => Effect.die(new Error(`nothing reverted; the answer is ${String(answer)}`))),
  )

export const names = (logs: ReadonlyArray<Log>) => logs.map(({ name }) => name)
