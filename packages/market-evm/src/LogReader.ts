import type { Address } from "@pecia/contracts-abi"
import type { ChainError, MarketEvent } from "@pecia/market"
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
import { eventOfLog } from "./internal/eventOfLog.ts"
import type { Log } from "./Log.ts"

export interface LogReaderOptions {
  readonly marketplace: Address
  /** How many blocks are asked for at once while old events are read; 2,000 by default, and fewer when the node refuses. */
  readonly blocksPerPage?: number
}

type Events = ReadonlyArray<MarketEvent>

/** How far a subscriber has come: up to block `next`, on the chain as it was `known` then. */
interface Cursor {
  readonly next: bigint
  readonly known: Chain
}

const failuresBeforeWarning = 3

const answersBeforeLonger = 4

const untilAnswered = Schedule.min([Schedule.exponential("200 millis"), Schedule.spaced("5 seconds")])

const make = Effect.fnUntraced(function* (
  options: LogReaderOptions,
): Effect.fn.Return<LogReader["Service"], never, ChainRpc | BlockReader | Scope.Scope> {
  const rpc = yield* ChainRpc
  const blocks = yield* BlockReader
  const address = options.marketplace

  const eventsOf = (logs: ReadonlyArray<Log>) =>
    Effect.flatMap(
      Effect.forEach(logs, (log) =>
        Option.match(eventOfLog(log), {
          onSome: (event) => Effect.succeed([event]),
          onNone: () => {
            const sentence = `Log ${log.logIndex} of block ${log.blockNumber} is no event of the marketplace; it is left out.`
            return Effect.as(Effect.logWarning(sentence), [])
          },
        }),
      ),
      (events) => Effect.succeed(events.flat()),
    )

  // The events of the newest blocks, asked for once however many subscribers there are. Asked for by hash: a node that does not have
  // the block (yet, or any more) says so, where it would answer a range with nothing.
  const recent = yield* Cache.makeWith(
    (blockHash: string) => Effect.flatMap(rpc.logs({ address, blockHash }), eventsOf),
    {
      capacity: 2 * Number(Chain.depth),
      timeToLive: (exit) => (Exit.isSuccess(exit) ? Duration.infinity : Duration.zero),
    },
  )
  const recentEvents = (newest: ReadonlyArray<Block>) =>
    Effect.map(
      Effect.forEach(newest, ({ hash }) => Cache.get(recent, hash), { concurrency: "unbounded" }),
      (events) => events.flat(),
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
  /** The events from a block on, as far as the node gives them at once. A refused page is asked for again at half its length. */
  const page = (fromBlock: bigint, last: bigint) =>
    Effect.suspend(() => {
      const toBlock = BigInts.min(fromBlock + pageLength - 1n, last)
      return rpc.logs({ address, fromBlock, toBlock }).pipe(
        Effect.tap(() => lengthen),
        Effect.tapError((error) => (error._tag === "NodeRefusal" ? shorten(toBlock - fromBlock + 1n) : Effect.void)),
        Effect.flatMap(eventsOf),
        Effect.map((events) => ({ events, next: toBlock + 1n })),
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

  const follow = Effect.fnUntraced(function* (from: bigint, { next, known }: Cursor) {
    const isBehind = next <= Chain.head(known).number
    const chain = yield* isBehind ? blocks.chain : blocks.after(known)
    const replaced = yield* firstReplaced(known, chain)
    if (Option.isSome(replaced) && replaced.value < next) {
      const events: Events = [{ _tag: "ChainReorganised", blockNumber: replaced.value }]
      return { events, cursor: { next: BigInts.max(replaced.value, from), known: chain } }
    }
    if (next < Chain.first(chain).number) {
      const { events, next: after } = yield* page(next, Chain.first(chain).number - 1n)
      return { events, cursor: { next: after, known: chain } }
    }
    const events: Events = yield* recentEvents(chain.filter(({ number }) => number >= next))
    return { events, cursor: { next: BigInts.max(next, Chain.head(chain).number + 1n), known: chain } }
  })

  const step = Effect.fnUntraced(function* (from: bigint, cursor: Cursor) {
    let failures = 0
    const { events, cursor: next } = yield* follow(from, cursor).pipe(
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
    return [events, Option.some(next)] as const
  })

  return LogReader.of({
    events: ({ fromBlock } = {}) =>
      Stream.unwrap(
        Effect.map(blocks.chain, (known) => {
          const from = BigInts.max(fromBlock ?? Chain.head(known).number + 1n, 0n)
          return Stream.paginate({ next: from, known }, (cursor: Cursor) => step(from, cursor))
        }),
      ),
  })
})

/**
 * The events of a marketplace, read with eth_getLogs behind a cursor of block numbers and hashes; nodes keep no state for us that
 * could be lost. What the newest blocks hold is read once for all subscribers.
 */
export class LogReader extends Context.Service<
  LogReader,
  {
    /**
     * From block `fromBlock` (default: the next one) on: replayed first, then followed. Never ends, and waits when the node does not
     * answer. An event can come twice only after `ChainReorganised`, which is told for the newest 64 blocks; when more than those
     * were replaced it names block 0.
     */
    readonly events: (options?: { readonly fromBlock?: bigint }) => Stream.Stream<MarketEvent>
  }
>()("@pecia/market-evm/LogReader") {
  static readonly layer = (options: LogReaderOptions): Layer.Layer<LogReader, never, ChainRpc | BlockReader> =>
    Layer.effect(LogReader, make(options))
}
