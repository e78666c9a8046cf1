import { ChainError, Unreachable } from "@pecia/market"
import {
  Array as Arr,
  Cause,
  Context,
  type Duration,
  Effect,
  Latch,
  Layer,
  Option,
  Result,
  type Scope,
  Stream,
  TxRef,
} from "effect"
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

  const unreadable = (detail: string) => new ChainError({ reason: new Unreachable({ url: rpc.url, detail }) })
  const newest = Effect.flatMap(rpc.block("latest"), (block) =>
    Effect.fromResult(Result.fromOption(block, () => unreadable("it has no latest block"))),
  )
  /** None: one of them is missing. */
  const blocksBetween = (from: bigint, to: bigint) =>
    Effect.map(Effect.forEach(numbersBetween(from, to), rpc.block, { concurrency: "unbounded" }), Option.all)

  /** Reads what leads to the block `head`. None: it does not lead there, because the chain moved in the meantime. */
  const readTo = Effect.fnUntraced(function* (head: Block) {
    const before = yield* blocksBetween(Chain.oldest(head.number), head.number - 1n)
    return Option.flatMap(before, (blocks) => Chain.link(Arr.append(blocks, head)))
  })

  /** The same, but reads no more than what is new since `known`. None: `known` does not lead there. */
  const continueTo = Effect.fnUntraced(function* (known: Chain, head: Block) {
    const { number } = Chain.head(known)
    if (head.number <= number || Chain.oldest(head.number) > number) return Option.none()
    const between = yield* blocksBetween(number + 1n, head.number - 1n)
    return Option.flatMap(between, (blocks) => Chain.append(known, Arr.append(blocks, head)))
  })

  const start = yield* Effect.flatMap(newest, readTo).pipe(Effect.repeat({ until: Option.isSome, times: 5 }))
  if (Option.isNone(start)) return yield* unreadable("its newest blocks do not follow each other")
  const chain = yield* TxRef.make(start.value)
  const current = Effect.tx(TxRef.get(chain))

  const poll = Effect.gen(function* () {
    const known = yield* current
    const head = yield* newest
    // An older block of the same chain comes from a node that lags behind.
    if (Chain.has(known, head.hash)) return
    const continued = yield* continueTo(known, head)
    const next = Option.isSome(continued) ? continued : yield* readTo(head)
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
      const reason = Option.match(Cause.findErrorOption(cause), {
        onSome: ({ message }) => message,
        onNone: () => Cause.pretty(cause),
      })
      return Effect.logWarning(`No new blocks can be read; trying until they can. ${reason}`)
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
