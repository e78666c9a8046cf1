import { Context, Effect, Layer, Schema, type Scope } from "effect"
import { type DevnetAccount, devnetAccounts } from "./DevnetAccount.ts"
import { DevnetRpcError, type DevnetStartError } from "./DevnetError.ts"
import { startAnvil } from "./internal/anvil.ts"

export interface DevnetOptions {
  /** TCP port on 127.0.0.1. By default a free one. */
  readonly port?: number
  /** Seconds between blocks. By default each transaction is mined at once, in a block of its own. */
  readonly blockTimeSeconds?: number
  /** Unix seconds of the first block. By default now. */
  readonly timestamp?: bigint
  /** Rules of the EVM; by default "cancun", which the contracts are compiled for. */
  readonly hardfork?: string
  /** False copies anvil's log to stderr. */
  readonly silent?: boolean
}

const Answer = Schema.Struct({
  result: Schema.optionalKey(Schema.Unknown),
  error: Schema.optionalKey(Schema.Struct({ code: Schema.Number, message: Schema.String })),
})
const decodeAnswer = Schema.decodeUnknownEffect(Answer)

const rpcOf = (url: string) =>
  Effect.fn("Devnet.rpc")(function* (method: string, params?: ReadonlyArray<unknown>) {
    const failure = (reason: string) => new DevnetRpcError({ url, method, reason })
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: params ?? [] })
    const response = yield* Effect.tryPromise({
      try: (signal) =>
        fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body, signal }).then((r) =>
          r.json(),
        ),
      catch: () => failure("no answer; has anvil ended?"),
    })
    const { result, error } = yield* Effect.mapError(decodeAnswer(response), ({ message }) => failure(message))
    return error === undefined ? result : yield* failure(error.message)
  })

const hex = (value: number | bigint) => `0x${value.toString(16)}`

const argsOf = (options: DevnetOptions) => [
  "--host=127.0.0.1",
  `--port=${options.port ?? 0}`,
  `--hardfork=${options.hardfork ?? "cancun"}`,
  // old states stay in memory, and only so many: on disk they would outlive an anvil that is killed, gigabytes of them
  "--prune-history=256",
  ...(options.blockTimeSeconds === undefined ? [] : [`--block-time=${options.blockTimeSeconds}`]),
  ...(options.timestamp === undefined ? [] : [`--timestamp=${options.timestamp}`]),
]

const make = Effect.fnUntraced(function* (options: DevnetOptions = {}) {
  const { url, pid } = yield* startAnvil(argsOf(options), options.silent === false)
  const rpc = rpcOf(url)
  const snapshot = rpc("evm_snapshot").pipe(Effect.map(String))
  const revert = Effect.fn("Devnet.revert")((snapshot: string) => Effect.asVoid(rpc("evm_revert", [snapshot])))

  return Devnet.of({
    url,
    chainId: 31_337n,
    pid,
    accounts: devnetAccounts,
    rpc,
    mine: Effect.fn("Devnet.mine")((blocks = 1) => Effect.asVoid(rpc("anvil_mine", [hex(blocks)]))),
    increaseTime: Effect.fn("Devnet.increaseTime")((seconds) => Effect.asVoid(rpc("evm_increaseTime", [hex(seconds)]))),
    setNextBlockTimestamp: Effect.fn("Devnet.setNextBlockTimestamp")((timestamp) =>
      Effect.asVoid(rpc("evm_setNextBlockTimestamp", [hex(timestamp)])),
    ),
    snapshot,
    revert,
    isolated: (effect) => Effect.acquireUseRelease(snapshot, () => effect, revert),
  })
})

/** A local chain of its own: anvil as a child process on the loopback, ended with the scope. */
export class Devnet extends Context.Service<
  Devnet,
  {
    readonly url: string
    readonly chainId: bigint
    readonly pid: number
    readonly accounts: typeof devnetAccounts & ReadonlyArray<DevnetAccount>
    /** Any JSON-RPC call; the answer is not checked. */
    readonly rpc: (method: string, params?: ReadonlyArray<unknown>) => Effect.Effect<unknown, DevnetRpcError>
    /** Mines empty blocks, one by default, one second apart. */
    readonly mine: (blocks?: number) => Effect.Effect<void, DevnetRpcError>
    /** Moves the chain's clock forward; the next block shows it. */
    readonly increaseTime: (seconds: number | bigint) => Effect.Effect<void, DevnetRpcError>
    /** Unix seconds of the next block; later than the last one. */
    readonly setNextBlockTimestamp: (timestamp: number | bigint) => Effect.Effect<void, DevnetRpcError>
    /** Remembers the whole state of the chain; answers what `revert` takes, once. */
    readonly snapshot: Effect.Effect<string, DevnetRpcError>
    readonly revert: (snapshot: string) => Effect.Effect<void, DevnetRpcError>
    /** Runs an effect and undoes all that it did to the chain. Not for effects that run side by side. */
    readonly isolated: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | DevnetRpcError, R>
  }
>()("@pecia/devnet/Devnet") {
  static readonly make: (options?: DevnetOptions) => Effect.Effect<Devnet["Service"], DevnetStartError, Scope.Scope> =
    make
  static readonly layer = (options?: DevnetOptions): Layer.Layer<Devnet, DevnetStartError> =>
    Layer.effect(Devnet, make(options))
}
