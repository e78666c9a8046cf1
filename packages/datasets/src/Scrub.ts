import { Clock, Context, Duration, Effect, Layer, Random, Stream, SubscriptionRef } from "effect"
import type { Cid } from "./Block.ts"
import { BlockStore } from "./BlockStore.ts"

export interface ScrubOptions {
  /** The most that is read, on average from the first block of a round on: a number above 0. */
  readonly bytesPerSecond: number
  /** From the beginning of a round to that of the next one at least, so that little is not read over and over. By default a day. */
  readonly roundEvery?: Duration.Input
}

/** How far the round has come that is under way. */
export interface ScrubProgress {
  /** Counted from 1 since the start. */
  readonly round: number
  readonly doneBytes: bigint
  /** What was there when the round began; what came and went since makes `doneBytes` end beside it. */
  readonly totalBytes: bigint
  /** Blocks that were found damaged in this round. */
  readonly damaged: number
}

/**
 * Reads all blocks of the store again and again, so that damage is found while there still is somebody to fetch the block from. What
 * it finds is in `BlockStore.corruptions`.
 *
 * One block is read at a time, at a bounded rate, so it takes no more than that from those who read something. A round takes the
 * volumes in an order of its own, and begins somewhere in each: it may be cut short every time, and yet each block has its turn.
 */
export class Scrub extends Context.Service<
  Scrub,
  {
    /** The latest value first, then each change. */
    readonly progress: Stream.Stream<ScrubProgress>
  }
>()("@pecia/datasets/Scrub") {
  static readonly layer = (options: ScrubOptions): Layer.Layer<Scrub, never, BlockStore> =>
    Layer.effect(Scrub, make(options))
}

const make = Effect.fnUntraced(function* (options: ScrubOptions) {
  if (!(options.bytesPerSecond > 0)) return yield* Effect.die(new RangeError("bytesPerSecond has to be above 0"))
  const store = yield* BlockStore
  const progress = yield* SubscriptionRef.make<ScrubProgress>({ round: 0, doneBytes: 0n, totalBytes: 0n, damaged: 0 })

  const check = Effect.fnUntraced(function* (volume: string, cid: Cid, sizeBytes: number) {
    const isIntact = yield* Effect.catch(store.check(volume, cid), (error) =>
      Effect.as(Effect.logWarning(`Block ${cid} could not be checked. ${error.message}`), true),
    )
    yield* SubscriptionRef.update(progress, (now) => ({
      ...now,
      doneBytes: now.doneBytes + BigInt(sizeBytes),
      damaged: now.damaged + (isIntact ? 0 : 1),
    }))
  })

  const round = Effect.gen(function* () {
    const volumes = yield* store.volumes
    const totalBytes = volumes.reduce((sum, { dataBytes, metadataBytes }) => sum + dataBytes + metadataBytes, 0n)
    yield* SubscriptionRef.update(progress, (last) => ({
      round: last.round + 1,
      doneBytes: 0n,
      totalBytes,
      damaged: 0,
    }))
    const pace = yield* makePace(options.bytesPerSecond)
    for (const { blocks, volume } of yield* Random.shuffle(volumes)) {
      const first = yield* Random.nextIntBetween(0, blocks)
      const all = store.blocks(volume)
      yield* Stream.concat(Stream.drop(all, first), Stream.take(all, first)).pipe(
        Stream.runForEach(({ cid, sizeBytes }) => Effect.andThen(pace(sizeBytes), check(volume, cid, sizeBytes))),
      )
    }
  }).pipe(Effect.catch((error) => Effect.logWarning(`A round of scrubbing was cut short. ${error.message}`)))

  const everyMillis = Duration.toMillis(Duration.fromInputUnsafe(options.roundEvery ?? "1 day"))
  const roundAndRest = Effect.gen(function* () {
    const began = yield* Clock.currentTimeMillis
    yield* round
    yield* Effect.sleep(Math.max(1, began + everyMillis - (yield* Clock.currentTimeMillis)))
  })
  yield* Effect.forkScoped(Effect.forever(roundAndRest))
  return { progress: SubscriptionRef.changes(progress) }
})

/** Waits until so many more bytes may be read. What was not read in time is not caught up. */
const makePace = Effect.fnUntraced(function* (bytesPerSecond: number) {
  let nextMillis = yield* Clock.currentTimeMillis
  return Effect.fnUntraced(function* (bytes: number) {
    const now = yield* Clock.currentTimeMillis
    if (nextMillis > now) yield* Effect.sleep(nextMillis - now)
    nextMillis = Math.max(nextMillis, now) + (bytes / bytesPerSecond) * 1000
  })
})
