import type { Address } from "@pecia/contracts-abi"
import type { ChainError } from "@pecia/market"
import {
  BigInt as BigInts,
  Cache,
  Context,
  Duration,
  Effect,
  Exit,
  Layer,
  Option,
  Schedule,
  type Scope,
  Stream,
} from "effect"
import type { Block } from "./Block.ts"
import { BlockReader } from "./BlockReader.ts"
import { Chain } from "./Chain.ts"
import { ChainRpc } from "./ChainRpc.ts"
import type { Log } from "./Log.ts"

export interface LogReaderOptions {
  /** How many blocks are asked for at once while old events are read; 2,000 by default, and fewer when the node refuses. */
  readonly blocksPerPage?: number
}

/** Blocks from `blockNumber` on were replaced: what was logged from there on is void and follows anew. */
export interface Reorganisation {
  readonly _tag: "ChainReorganised"
  readonly blockNumber: bigint
}

/** What a subscriber is told. */
export type Told = { readonly _tag: "Logged"; readonly log: Log } | Reorganisation

/** How far a subscriber has come: up to block `next`, on the chain as it was `known` then. */
interface Cursor {
  readonly next: bigint
  readonly known: Chain
}

/** Of which the newest logs are remembered; of more contracts they would be asked for more often. */
const contractsAtOnce = 4

const failuresBeforeWarning = 3

const answersBeforeLonger = 4

const untilAnswered = Schedule.min([Schedule.exponential("200 millis"), Schedule.spaced("5 seconds")])

const make = Effect.fnUntraced(function* (
  options: LogReaderOptions = {},
): Effect.fn.Return<LogReader["Service"], never, ChainRpc | BlockReader | Scope.Scope> {
  const rpc = yield* ChainRpc
  const blocks = yield* BlockReader
  // The logs of the newest blocks, asked for once however many subscribers there are. Asked for by hash: a node that does not have
  // the block (yet, or any more) says so, where it would answer a range with nothing.
  const recent = yield* Cache.makeWith(rpc.logs, {
    capacity: contractsAtOnce * 2 * Number(Chain.depth),
    timeToLive: (exit) => (Exit.isSuccess(exit) ? Duration.infinity : Duration.zero),
  })
  const recentLogs = (address: Address, newest: ReadonlyArray<Block>) =>
    Effect.map(
      Effect.forEach(newest, ({ hash }) => Cache.get(recent, { address, blockHash: hash }), {
        concurrency: "unbounded",
      }),
      (logs) => logs.flat(),
    )

  const longestPage = BigInt(options.blocksPerPage ?? 2_000)
  let pageLength = longestPage
  let answered = 0
  const shorten = (refused: bigint) =>
    Effect.sync(() => {
      answered = 0
      pageLength = BigInts.max(BigInts.min(pageLength, refused / 2n), 1n)
    })
  /** A node that has refused once will do so again for as much, so that longer pages are tried but now and then. */
  const lengthen = Effect.sync(() => {
    answered += 1
    if (answered % answersBeforeLonger === 0) pageLength = BigInts.min(pageLength * 2n, longestPage)
  })
  /** The logs from a block on, as far as the node gives them at once. A refused page is asked for again at half its length. */
  const page = (address: Address, fromBlock: bigint, last: bigint) =>
    Effect.suspend(() => {
      const toBlock = BigInts.min(fromBlock + pageLength - 1n, last)
      return rpc.logs({ address, fromBlock, toBlock }).pipe(
        Effect.tap(() => lengthen),
        Effect.tapError((error) => (error._tag === "NodeRefusal" ? shorten(toBlock - fromBlock + 1n) : Effect.void)),
        Effect.map((logs) => ({ logs, next: toBlock + 1n })),
        Effect.mapError((error) => ({ error, canBeShorter: error._tag === "NodeRefusal" && fromBlock < toBlock })),
      )
    }).pipe(
      Effect.retry({ while: ({ canBeShorter }) => canBeShorter }),
      Effect.mapError(({ error }) => error),
    )

  /** The first block of `known` that the chain has no longer; block 0 when none of them is left. */
  const firstReplaced = Effect.fnUntraced(function* (
    known: Chain,
    chain: Chain,
  ): Effect.fn.Return<Option.Option<bigint>, ChainError> {
    if (known === chain) return Option.none()
    for (const block of known.toReversed()) {
      const isOld = block.number < Chain.first(chain).number
      const hash = isOld
        ? Option.map(yield* rpc.block(block.number), ({ hash }) => hash)
        : Chain.hashAt(chain, block.number)
      if (Option.contains(hash, block.hash)) {
        return block === Chain.head(known) ? Option.none() : Option.some(block.number + 1n)
      }
    }
    return Option.some(0n)
  })

  const read = Effect.fnUntraced(function* (address: Address, from: bigint, { next, known }: Cursor) {
    const isBehind = next <= Chain.head(known).number
    const chain = yield* isBehind ? blocks.chain : blocks.after(known)
    const replaced = yield* firstReplaced(known, chain)
    if (Option.isSome(replaced) && replaced.value < next) {
      const told: ReadonlyArray<Told> = [{ _tag: "ChainReorganised", blockNumber: replaced.value }]
      return { told, cursor: { next: BigInts.max(replaced.value, from), known: chain } }
    }
    if (next < Chain.first(chain).number) {
      const { logs, next: after } = yield* page(address, next, Chain.first(chain).number - 1n)
      return { told: logged(logs), cursor: { next: after, known: chain } }
    }
    const newest = chain.filter(({ number }) => number >= next)
    const told = logged(yield* recentLogs(address, newest))
    return { told, cursor: { next: BigInts.max(next, Chain.head(chain).number + 1n), known: chain } }
  })

  const step = Effect.fnUntraced(function* (address: Address, from: bigint, cursor: Cursor) {
    let failures = 0
    const { told, cursor: next } = yield* read(address, from, cursor).pipe(
      Effect.tapError(({ message }) => {
        failures += 1
        // Before, it may be a block that was replaced, or that this node does not have yet.
        if (failures !== failuresBeforeWarning) return Effect.void
        return Effect.logWarning(
          `The events from block ${cursor.next} on cannot be read; trying until they can. ${message}`,
        )
      }),
      Effect.retry(untilAnswered),
      // The schedule has no end.
      Effect.orDie,
    )
    return [told, Option.some(next)] as const
  })

  return LogReader.of({
    follow: (contract, { fromBlock } = {}) =>
      Stream.unwrap(
        Effect.map(blocks.chain, (known) => {
          const from = BigInts.max(fromBlock ?? Chain.head(known).number + 1n, 0n)
          return Stream.paginate({ next: from, known }, (cursor: Cursor) => step(contract, from, cursor))
        }),
      ),
  })
})

const logged = (logs: ReadonlyArray<Log>): ReadonlyArray<Told> => logs.map((log) => ({ _tag: "Logged", log }))

/**
 * What contracts log, read with eth_getLogs behind a cursor of block numbers and hashes; nodes keep no state for us that could be
 * lost. What the newest blocks hold is read once for all subscribers.
 */
export class LogReader extends Context.Service<
  LogReader,
  {
    /**
     * The logs of a contract from block `fromBlock` (default: the next one) on: replayed first, then followed. Never ends, and waits
     * when the node does not answer. A log can come twice only after `ChainReorganised`, which is told for the newest 64 blocks;
     * when more than those were replaced it names block 0.
     */
    readonly follow: (contract: Address, options?: { readonly fromBlock?: bigint }) => Stream.Stream<Told>
  }
>()("@pecia/market-evm/LogReader") {
  static readonly layer = (options?: LogReaderOptions): Layer.Layer<LogReader, never, ChainRpc | BlockReader> =>
    Layer.effect(LogReader, make(options))
}
