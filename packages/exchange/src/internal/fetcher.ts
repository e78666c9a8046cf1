import { Block, BlockStore, type Cid } from "@pecia/datasets"
import { Data, Effect, Result, Schedule, Stream } from "effect"
import { BlocksUnavailable } from "../ExchangeError.ts"
import { batchesOf } from "./batches.ts"
import * as limits from "./limits.ts"
import * as Shares from "./shares.ts"
import { PeerLost, PeerMisbehaved, type Wire } from "./wire.ts"

/** Some blocks of a batch are missing. `isLost`: a peer was lost on the way, so that trying again may help. */
class Incomplete extends Data.TaggedError("Incomplete")<{ readonly isLost: boolean }> {}

/** Five more rounds within 8 seconds without a block; whoever needs the blocks for longer than that asks again. */
const rounds = Schedule.exponential("250 millis").pipe(Schedule.upTo({ times: 5 }))

/** How long a first peer is waited for: it takes a moment after a start, or after all were lost. */
const joinTimeout = "8 seconds"

/** A peer that was not found is not there a moment later either. */
const searchInterval = "5 seconds"

/** What the batches of one fetch know together. */
interface Session {
  /** Per peer the requests in a row that brought nothing, or were not answered to the end. */
  readonly misses: Map<string, number>
  /** Finds and connects peers that may have what the connected ones have not. */
  readonly search: Effect.Effect<void>
}

/** What one batch has so far. */
interface Batch {
  readonly cids: ReadonlyArray<Cid>
  readonly blocks: Map<number, Block>
  readonly asked: Set<string>
}

const missing = (batch: Batch) => Array.from(batch.cids.keys()).filter((index) => !batch.blocks.has(index))

export const make = Effect.fnUntraced(function* (wire: Wire) {
  const store = yield* BlockStore
  const shares = Shares.make(limits.requestsPerPeer)

  /** What is here needs no network: a fetch that goes on after a restart asks for the rest only. */
  const takeLocal = Effect.fnUntraced(function* (batch: Batch) {
    for (const [index, cid] of batch.cids.entries()) {
      if (!(yield* store.has(cid))) continue
      const bytes = yield* store
        .get(cid)
        .pipe(Effect.catchTag(["BlockNotFound", "BlockCorrupt"], () => Effect.undefined))
      if (bytes !== undefined) batch.blocks.set(index, { cid, bytes })
    }
  })

  /** Keeps what the peer sends before anything goes wrong. */
  const askPeer = Effect.fnUntraced(function* (peer: string, batch: Batch) {
    const wanted = missing(batch)
    const cids = wanted.flatMap((index) => batch.cids[index] ?? [])
    const take = (cid: Cid, i: number, bytes: Uint8Array | undefined) => {
      const index = wanted[i]
      if (index === undefined || bytes === undefined) return Result.succeed(undefined)
      const block = Block.verify(cid, bytes)
      if (Result.isFailure(block)) return Result.fail(new PeerMisbehaved({ detail: block.failure.message }))
      batch.blocks.set(index, block.success)
      return Result.succeed(undefined)
    }
    yield* wire.ask(peer, cids, take).pipe(
      Effect.timeoutOrElse({
        duration: limits.requestTimeout,
        orElse: () => new PeerLost({ detail: "it takes too long" }),
      }),
      (asking) => shares.use(peer, ({ permits }) => permits.withPermit(asking)),
    )
  })

  /** Asks the peers that were not `asked` until nothing is missing, those first that had blocks lately and are asked for few now. */
  const round = Effect.fnUntraced(function* (misses: Map<string, number>, batch: Batch, asked: Set<string>) {
    let isLost = false
    while (missing(batch).length > 0) {
      const rank = (peer: string) => (misses.get(peer) ?? 0) * 1000 + shares.users(peer)
      const [peer] = (yield* wire.peers).filter((peer) => !asked.has(peer)).sort((a, b) => rank(a) - rank(b))
      if (peer === undefined) return yield* new Incomplete({ isLost })
      asked.add(peer)
      batch.asked.add(peer)
      const before = batch.blocks.size
      let isAnswered = true
      yield* askPeer(peer, batch).pipe(
        Effect.catchTags({
          PeerLost: ({ detail }) => {
            isLost = true
            isAnswered = false
            return Effect.logDebug(`Peer ${peer} did not answer: ${detail}.`)
          },
          PeerMisbehaved: ({ detail }) =>
            Effect.andThen(
              Effect.logWarning(`Peer ${peer} is not talked to for ${limits.banDuration}: ${detail}.`),
              wire.ban(peer),
            ),
        }),
      )
      misses.set(peer, isAnswered && batch.blocks.size > before ? 0 : (misses.get(peer) ?? 0) + 1)
    }
  })

  /** Asks the peers that are connected, then those that are found. */
  const askAll = Effect.fnUntraced(function* ({ misses, search }: Session, batch: Batch) {
    const asked = new Set<string>()
    if (missing(batch).length > 0) yield* Effect.timeoutOption(wire.joined, joinTimeout)
    yield* round(misses, batch, asked).pipe(
      Effect.catch((before) =>
        Effect.andThen(search, round(misses, batch, asked)).pipe(
          Effect.mapError(({ isLost }) => new Incomplete({ isLost: isLost || before.isLost })),
        ),
      ),
    )
  })

  /** Peers that are lost are tried again as long as blocks come in between. */
  const gather = (session: Session, batch: Batch): Effect.Effect<void, Incomplete> =>
    Effect.suspend(() => {
      const before = batch.blocks.size
      return askAll(session, batch).pipe(
        Effect.retry({ schedule: rounds, while: ({ isLost }) => isLost }),
        Effect.catch((incomplete) =>
          incomplete.isLost && batch.blocks.size > before ? gather(session, batch) : incomplete,
        ),
      )
    })

  const fetchBatch = Effect.fnUntraced(function* (session: Session, cids: ReadonlyArray<Cid>) {
    const batch: Batch = { cids, blocks: new Map(), asked: new Set() }
    yield* takeLocal(batch)
    yield* gather(session, batch).pipe(
      Effect.mapError(
        () =>
          new BlocksUnavailable({
            cids: missing(batch).flatMap((index) => cids[index] ?? []),
            peersAsked: batch.asked.size,
          }),
      ),
    )
    return cids.flatMap((_, index) => batch.blocks.get(index) ?? [])
  })

  return (cids: ReadonlyArray<Cid>, options: { readonly near?: Cid } = {}) =>
    Effect.gen(function* () {
      const { near } = options
      const session: Session = {
        misses: new Map(),
        // Batches that miss something at the same time search once.
        search: near === undefined ? Effect.void : yield* Effect.cachedWithTTL(wire.search(near), searchInterval),
      }
      return Stream.fromIterable(
        batchesOf(cids, { blocksMax: limits.batchBlocksMax, bytesMax: limits.batchBytesMax }),
      ).pipe(
        Stream.mapEffect((batch) => fetchBatch(session, batch), { concurrency: limits.batchesInFlight }),
        Stream.flattenIterable,
      )
    }).pipe(Stream.unwrap)
})
