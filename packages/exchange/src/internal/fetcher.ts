import { Block, BlockStore, type Cid, sizeBytesMax } from "@pecia/datasets"
import { Data, Effect, Result, Schedule, Semaphore, Stream } from "effect"
import { BlocksUnavailable } from "../ExchangeError.ts"
import * as limits from "./limits.ts"
import { PeerLost, PeerMisbehaved, type Wire } from "./wire.ts"

/** Some blocks of a batch are missing. `isLost`: a peer was lost on the way, so that trying again may help. */
class Incomplete extends Data.TaggedError("Incomplete")<{ readonly isLost: boolean }> {}

/** Five more rounds within 8 seconds; whoever needs the blocks for longer than that asks again. */
const rounds = Schedule.exponential("250 millis").pipe(Schedule.upTo({ times: 5 }))

/** How long a first peer is waited for: it takes a moment after a start, or after all were lost. */
const joinTimeout = "8 seconds"

/** As many CIDs as one request may have, and no more than one reply may carry. */
function* batchesOf(cids: ReadonlyArray<Cid>) {
  let batch: Array<Cid> = []
  let bytes = 0
  for (const cid of cids) {
    if (
      batch.length === limits.batchBlocksMax ||
      (batch.length > 0 && bytes + sizeBytesMax(cid) > limits.batchBytesMax)
    ) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(cid)
    bytes += sizeBytesMax(cid)
  }
  if (batch.length > 0) yield batch
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
  const usage = new Map<string, { readonly permits: Semaphore.Semaphore; users: number }>()

  const withPermitOf =
    (peer: string) =>
    <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      Effect.acquireUseRelease(
        Effect.sync(() => {
          const use = usage.get(peer) ?? { permits: Semaphore.makeUnsafe(limits.requestsPerPeer), users: 0 }
          usage.set(peer, use)
          use.users += 1
          return use
        }),
        (use) => use.permits.withPermit(effect),
        (use) =>
          Effect.sync(() => {
            use.users -= 1
            if (use.users === 0) usage.delete(peer)
          }),
      )

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
    yield* wire.ask(peer, cids).pipe(
      Stream.zipWithIndex,
      Stream.runForEach(([bytes, i]) => {
        const [index, cid] = [wanted[i], cids[i]]
        if (index === undefined || cid === undefined)
          return new PeerMisbehaved({ detail: "it answered more than it was asked" })
        if (bytes === undefined) return Effect.void
        const block = Block.verify(cid, bytes)
        if (Result.isFailure(block)) return new PeerMisbehaved({ detail: block.failure.message })
        batch.blocks.set(index, block.success)
        return Effect.void
      }),
      Effect.timeoutOrElse({
        duration: limits.requestTimeout,
        orElse: () => new PeerLost({ detail: "it takes too long" }),
      }),
      withPermitOf(peer),
    )
  })

  /** Asks one peer after the other until nothing is missing. `misses` counts, per peer, the requests in a row that brought nothing. */
  const round = Effect.fnUntraced(function* (misses: Map<string, number>, batch: Batch) {
    const asked = new Set<string>()
    let isLost = false
    if (missing(batch).length > 0) yield* Effect.timeoutOption(wire.joined, joinTimeout)
    while (missing(batch).length > 0) {
      const rank = (peer: string) => (misses.get(peer) ?? 0) * 1000 + (usage.get(peer)?.users ?? 0)
      const [peer] = (yield* wire.peers).filter((peer) => !asked.has(peer)).sort((a, b) => rank(a) - rank(b))
      if (peer === undefined) return yield* new Incomplete({ isLost })
      asked.add(peer)
      batch.asked.add(peer)
      const before = batch.blocks.size
      yield* askPeer(peer, batch).pipe(
        Effect.catchTags({
          PeerLost: ({ detail }) => {
            isLost = true
            return Effect.logDebug(`Peer ${peer} did not answer: ${detail}.`)
          },
          PeerMisbehaved: ({ detail }) =>
            Effect.andThen(
              Effect.logWarning(`Peer ${peer} is not asked again until this node restarts: ${detail}`),
              wire.ban(peer),
            ),
        }),
      )
      misses.set(peer, batch.blocks.size > before ? 0 : (misses.get(peer) ?? 0) + 1)
    }
  })

  const fetchBatch = Effect.fnUntraced(function* (misses: Map<string, number>, cids: ReadonlyArray<Cid>) {
    const batch: Batch = { cids, blocks: new Map(), asked: new Set() }
    yield* takeLocal(batch)
    yield* Effect.retry(round(misses, batch), { schedule: rounds, while: ({ isLost }) => isLost }).pipe(
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

  return (cids: ReadonlyArray<Cid>) =>
    Stream.suspend(() => {
      const misses = new Map<string, number>()
      return Stream.fromIterable(batchesOf(cids)).pipe(
        Stream.mapEffect((batch) => fetchBatch(misses, batch), { concurrency: limits.batchesInFlight }),
        Stream.flattenIterable,
      )
    })
})
