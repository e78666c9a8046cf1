import { ChainError, Unreachable } from "@pecia/market"
import { Array as Arr, Context, type Duration, Effect, Latch, Layer, Option, type Scope, Stream, TxRef } from "effect"
import type { Block } from "./Block.ts"
import { Chain } from "./Chain.ts"
import { ChainRpc } from "./ChainRpc.ts"

export interface BlockReaderOptions {
  /** How often the node is asked for its newest block; every second by default. */
  readonly pollingInterval?: Duration.Input
}

const make = Effect.fnUntraced(function* (
  options: BlockReaderOptions = {},
): Effect.fn.Return<BlockReader["Service"], ChainError, ChainRpc | Scope.Scope> {
  const rpc = yield* ChainRpc
  const interval = options.pollingInterval ?? "1 second"

  const block = Effect.fnUntraced(function* (at: bigint | "latest") {
    const detail = `it has no block ${at}`
    const unreachable = () => new ChainError({ reason: new Unreachable({ url: rpc.url, detail }) })
    return yield* Effect.mapError(Effect.fromOption(yield* rpc.block(at)), unreachable)
  })
  const blocksBetween = (from: bigint, to: bigint) =>
    Effect.forEach(numbersBetween(from, to), block, { concurrency: "unbounded" })

  /** Reads what leads from `chain` to the node's newest block. None: the chain moved in the meantime. */
  const follow = Effect.fnUntraced(function* (chain: Option.Option<Chain>, head: Block) {
    const oldest = Chain.oldest(head.number)
    const known = Option.filter(chain, (chain) => {
      const { number } = Chain.head(chain)
      return oldest <= number + 1n && number < head.number
    })
    if (Option.isSome(known)) {
      const between = yield* blocksBetween(Chain.head(known.value).number + 1n, head.number - 1n)
      const grown = Chain.append(known.value, Arr.append(between, head))
      if (Option.isSome(grown)) return grown
    }
    return Chain.link(Arr.append(yield* blocksBetween(oldest, head.number - 1n), head))
  })

  const start = yield* Effect.flatMap(block("latest"), (head) => follow(Option.none(), head)).pipe(
    Effect.repeat({ until: Option.isSome, times: 5 }),
    Effect.flatMap(Effect.fromOption),
    Effect.catchTag("NoSuchElementError", () => {
      const detail = "its newest blocks do not follow each other"
      return Effect.fail(new ChainError({ reason: new Unreachable({ url: rpc.url, detail }) }))
    }),
  )
  const chain = yield* TxRef.make<Chain>(start)
  const current = Effect.tx(TxRef.get(chain))

  const poll = Effect.gen(function* () {
    const known = yield* current
    const head = yield* block("latest")
    // An older block of the same chain comes from a node that lags behind.
    if (Chain.has(known, head.hash)) return
    const next = yield* follow(Option.some(known), head)
    if (Option.isSome(next)) yield* Effect.tx(TxRef.set(chain, next.value))
  })

  const nudged = yield* Latch.make()
  let silent = false
  const attempt = Effect.matchCauseEffect(poll, {
    onSuccess: () => {
      if (!silent) return Effect.void
      silent = false
      return Effect.logInfo(`The chain at ${rpc.url} answers again.`)
    },
    onFailure: (cause) => {
      if (silent) return Effect.void
      silent = true
      return Effect.logWarning("No new blocks can be read; trying until they can.", cause)
    },
  })
  yield* attempt.pipe(
    Effect.andThen(Effect.raceFirst(Effect.sleep(interval), nudged.await)),
    Effect.andThen(nudged.close),
    Effect.forever,
    Effect.forkScoped,
  )

  const waitFor = (isIt: (chain: Chain) => boolean) =>
    Effect.tx(Effect.flatMap(TxRef.get(chain), (chain) => (isIt(chain) ? Effect.succeed(chain) : Effect.txRetry)))
  const after = (known: Chain | undefined) => waitFor((chain) => chain !== known)

  return BlockReader.of({
    chain: current,
    after,
    blocks: Stream.unfold(undefined, (known: Chain | undefined) =>
      Effect.map(after(known), (chain) => [Chain.head(chain), chain] as const),
    ),
    reach: (number) =>
      Effect.andThen(nudged.open, Effect.asVoid(waitFor((chain) => Chain.head(chain).number >= number))),
  })
})

const numbersBetween = (from: bigint, to: bigint) =>
  Array.from({ length: from > to ? 0 : Number(to - from + 1n) }, (_, index) => from + BigInt(index))

/**
 * Follows the newest blocks of the chain for everybody in the process, by polling. Goes on when the node does not answer, and when
 * it answers again; says so in the log once.
 */
export class BlockReader extends Context.Service<
  BlockReader,
  {
    /** The newest blocks as far as they are known. */
    readonly chain: Effect.Effect<Chain>
    /** Waits until the newest blocks are others than `known`; what came in between is not told. */
    readonly after: (known: Chain) => Effect.Effect<Chain>
    /** The newest block, now and whenever there is another one. Never ends; who is slow misses some. */
    readonly blocks: Stream.Stream<Block>
    /** Asks the node at once, and waits until the newest known block has at least this number. */
    readonly reach: (number: bigint) => Effect.Effect<void>
  }
>()("@pecia/market-evm/BlockReader") {
  static readonly layer = (options?: BlockReaderOptions): Layer.Layer<BlockReader, ChainError, ChainRpc> =>
    Layer.effect(BlockReader, make(options))
}
