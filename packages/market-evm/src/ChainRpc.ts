import type { Address } from "@pecia/contracts-abi"
import { ChainError, Misconfigured, Unreachable } from "@pecia/market"
import { Context, type Duration, Effect, FiberSet, Layer, Option, Schedule, Schema, type Scope } from "effect"
import { Block, type BlockTag } from "./Block.ts"
import { endpointOf } from "./internal/endpoint.ts"
import { HttpProvider } from "./internal/HttpProvider.ts"
import { postTo } from "./internal/post.ts"
import { Data, Quantity, quantity } from "./internal/quantity.ts"
import { revertOf } from "./internal/revertOf.ts"
import { Log, type LogFilter } from "./Log.ts"
import { Receipt } from "./Receipt.ts"
import { type CallReverted, NodeRefusal } from "./RpcError.ts"

export interface ChainRpcOptions {
  /** Of the node: http or https. Credentials in it are used, and never shown. */
  readonly url: string
  /** When given, another chain at the URL is an error. */
  readonly chainId?: bigint
  /** How long one call may take; 10 seconds by default. */
  readonly timeout?: Duration.Input
}

/** A function call of a contract. */
export interface ContractCall {
  readonly from: Address
  readonly to: Address
  /** ABI encoded. */
  readonly data: string
}

/** Wei per gas, as signed transactions carry them: the second kind for chains without EIP-1559. */
export type Fees =
  | { readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint }
  | { readonly gasPrice: bigint }

/** After a lost connection: five more times, for about two seconds. */
const again = Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("1 second")]).pipe(
  Schedule.jittered,
  Schedule.upTo({ times: 5, duration: "5 seconds" }),
)

/** How long a node may take to answer for the first time. */
const connectTimeout: Duration.Input = "4 seconds"

const fallbackTip = 1_000_000_000n

const make = Effect.fnUntraced(function* (
  options: ChainRpcOptions,
): Effect.fn.Return<ChainRpc["Service"], ChainError, Scope.Scope> {
  const endpoint = yield* Effect.fromResult(endpointOf(options.url))
  const url = endpoint.shown
  const post = postTo(endpoint, options.timeout ?? "10 seconds")
  const run = yield* FiberSet.makeRuntimePromise<never, ReadonlyArray<unknown>, ChainError>()
  const provider = yield* Effect.acquireRelease(
    Effect.sync(() => new HttpProvider((body) => run(post(body)))),
    (provider) => Effect.sync(() => provider.destroy()),
  )

  const unreachable = (detail: string) => new ChainError({ reason: new Unreachable({ url, detail }) })
  const misconfigured = (detail: string) => new ChainError({ reason: new Misconfigured({ detail }) })

  /** Asks once. */
  const send = <A>(answer: Schema.Decoder<A>, method: string, params: ReadonlyArray<unknown>) =>
    Effect.tryPromise({
      try: () => provider.send(method, [...params]),
      catch: (cause) =>
        cause instanceof ChainError || cause instanceof NodeRefusal
          ? cause
          : unreachable(`${method} was not answered as it should be`),
    }).pipe(
      Effect.flatMap((result) =>
        Effect.mapError(Schema.decodeUnknownEffect(answer)(result), () =>
          unreachable(`what it answers to ${method} cannot be read`),
        ),
      ),
    )
  const connected = <A, E extends { readonly _tag: string }>(effect: Effect.Effect<A, E>) =>
    Effect.retry(effect, { schedule: again, while: (error) => error instanceof ChainError && error.isRetryable })
  const refused = (refusal: NodeRefusal) =>
    refusal.code === -32601
      ? misconfigured(
          `The chain at ${url} does not offer ${refusal.method}; name a node with the whole JSON-RPC interface.`,
        )
      : unreachable(refusal.message)
  /** Asks until it is answered, for a while. */
  const ask = <A>(answer: Schema.Decoder<A>, method: string, ...params: ReadonlyArray<unknown>) =>
    connected(Effect.catchTag(send(answer, method, params), "NodeRefusal", (refusal) => Effect.fail(refused(refusal))))
  /** Asks the contract, which may revert. */
  const askContract = <A>(answer: Schema.Decoder<A>, method: string, ...params: ReadonlyArray<unknown>) =>
    connected(
      Effect.catchTag(
        send(answer, method, params),
        "NodeRefusal",
        (refusal): Effect.Effect<never, CallReverted | ChainError> =>
          Effect.fail(Option.getOrElse(revertOf(refusal), () => refused(refusal))),
      ),
    )

  const block = (at: BlockTag) => ask(Schema.NullOr(Block), "eth_getBlockByNumber", tag(at), false)
  const firstAnswer = send(Quantity, "eth_chainId", []).pipe(
    Effect.catchTag("NodeRefusal", (refusal) => Effect.fail(refused(refusal))),
    Effect.timeoutOrElse({ duration: connectTimeout, orElse: () => Effect.fail(unreachable("no answer in time")) }),
  )
  const chainId = yield* firstAnswer
  if (options.chainId !== undefined && options.chainId !== chainId) {
    return yield* misconfigured(
      `The chain at ${url} has the id ${chainId}, not ${options.chainId}; correct the URL or the chain id.`,
    )
  }

  return ChainRpc.of({
    url,
    chainId,
    block: (at) => Effect.map(block(at), Option.fromNullOr),
    code: (address) => ask(Data, "eth_getCode", address, "latest"),
    call: ({ from, to, data }, at) => askContract(Data, "eth_call", { from, to, data }, tag(at)),
    estimateGas: ({ from, to, data }) => askContract(Quantity, "eth_estimateGas", { from, to, data }, "pending"),
    fees: Effect.gen(function* () {
      const baseFee = (yield* block("latest"))?.baseFeePerGas
      if (baseFee === undefined) return { gasPrice: yield* ask(Quantity, "eth_gasPrice") }
      const tip = yield* send(Quantity, "eth_maxPriorityFeePerGas", []).pipe(
        Effect.catchTag("NodeRefusal", () => Effect.succeed(fallbackTip)),
        connected,
      )
      return { maxFeePerGas: 2n * baseFee + tip, maxPriorityFeePerGas: tip }
    }),
    transactionCount: (account, at) => ask(Quantity, "eth_getTransactionCount", account, at),
    broadcast: (signed) => Effect.asVoid(send(Schema.String, "eth_sendRawTransaction", [signed])),
    receipt: (hash) => Effect.map(ask(Schema.NullOr(Receipt), "eth_getTransactionReceipt", hash), Option.fromNullOr),
    knows: (hash) => Effect.map(ask(Schema.Unknown, "eth_getTransactionByHash", hash), (found) => found != null),
    logs: (filter) => connected(send(Schema.Array(Log), "eth_getLogs", [filterOf(filter)])),
  })
})

const tag = (at: BlockTag) => (typeof at === "bigint" ? quantity(at) : at)

const filterOf = (filter: LogFilter) =>
  "blockHash" in filter
    ? filter
    : { ...filter, fromBlock: quantity(filter.fromBlock), toBlock: quantity(filter.toBlock) }

/**
 * A node of an EVM chain, asked over HTTP.
 *
 * Calls of one moment travel in one batch. Reads are asked again for about two seconds when the connection fails; a write is sent once.
 */
export class ChainRpc extends Context.Service<
  ChainRpc,
  {
    /** Fit to be shown: without credentials, path and query. */
    readonly url: string
    readonly chainId: bigint
    /** None: there is no such block (yet). */
    readonly block: (at: BlockTag) => Effect.Effect<Option.Option<Block>, ChainError>
    /** `0x`: there is no contract at the address. */
    readonly code: (address: Address) => Effect.Effect<string, ChainError>
    /** What a view answers, ABI encoded. */
    readonly call: (call: ContractCall, at: BlockTag) => Effect.Effect<string, CallReverted | ChainError>
    /** The gas that the call would take as the next transaction. */
    readonly estimateGas: (call: ContractCall) => Effect.Effect<bigint, CallReverted | ChainError>
    /** What a transaction has to offer to be mined soon: the tip of the day, and twice the base fee. */
    readonly fees: Effect.Effect<Fees, ChainError>
    /** How many transactions the account has mined ("latest"), or also in the pool ("pending"). */
    readonly transactionCount: (account: Address, at: "latest" | "pending") => Effect.Effect<bigint, ChainError>
    /** Sends a signed transaction, once: after a `ChainError` it may have arrived or not. */
    readonly broadcast: (signed: string) => Effect.Effect<void, NodeRefusal | ChainError>
    /** None: not mined. */
    readonly receipt: (hash: string) => Effect.Effect<Option.Option<Receipt>, ChainError>
    /** Whether the transaction is mined or in the node's pool. */
    readonly knows: (hash: string) => Effect.Effect<boolean, ChainError>
    /** Refused, for instance, when the range has too many blocks or logs for the node. */
    readonly logs: (filter: LogFilter) => Effect.Effect<ReadonlyArray<Log>, NodeRefusal | ChainError>
  }
>()("@pecia/market-evm/ChainRpc") {
  /** Fails within five seconds when no node answers at the URL, and when its chain is another one. */
  static readonly layer = (options: ChainRpcOptions): Layer.Layer<ChainRpc, ChainError> =>
    Layer.effect(ChainRpc, make(options))
}
