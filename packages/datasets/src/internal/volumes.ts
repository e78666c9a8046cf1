import { Effect, PubSub, Result, Stream } from "effect"
import { Block, type Cid } from "../Block.ts"
import { BlockSpace } from "../BlockSpace.ts"
import type { Corruption } from "../BlockStore.ts"
import { BlockCorrupt, BlockNotFound, BlockStoreError } from "../BlockStoreError.ts"
import type { SpaceError } from "../SpaceError.ts"
import { blockKey } from "./blockKey.ts"
import * as Booking from "./booking.ts"
import type { Medium } from "./medium.ts"
import { reconcile } from "./reconcile.ts"
import { Volume } from "./volume.ts"
import * as VolumeLocks from "./volumeLocks.ts"

/** How many corruptions wait for one who listens; of more, the oldest are forgotten. */
const corruptionsMax = 1024

const storeError = (operation: string) => (error: SpaceError) => new BlockStoreError({ operation, cause: error })

/** The rules of a block store, on any medium. */
export const make = Effect.fnUntraced(function* (medium: Medium) {
  const space = yield* BlockSpace
  const volumes = yield* reconcile(medium, space)
  const locks = VolumeLocks.make()
  const book = Booking.make(space)
  const news = yield* Effect.acquireRelease(PubSub.sliding<Corruption>(corruptionsMax), PubSub.shutdown)
  let uses = Array.from(volumes.values()).reduce((latest, { lastUse }) => Math.max(latest, lastUse), 0)

  const use = (volume: Volume) => {
    volume.lastUse = ++uses
  }

  /** The bytes of a block if they are what they should be. */
  const readIntact = (name: string, cid: Cid) =>
    Effect.map(medium.read(name, cid), (bytes) => {
      if (bytes === "missing") return Result.fail("missing" as const)
      if (bytes === "unreadable") return Result.fail("altered" as const)
      return Result.mapBoth(Block.verify(cid, bytes), {
        onSuccess: (block) => block.bytes,
        onFailure: () => "altered" as const,
      })
    })

  /** Written, then booked: a crash in between leaves a file that the next start counts or sweeps. */
  const add = Effect.fnUntraced(function* (name: string, block: Block) {
    yield* medium.write(name, block.cid, block.bytes)
    yield* Effect.tapError(book(name, block), () => Effect.ignore(medium.erase(name, block.cid)))
    const volume = volumes.get(name) ?? new Volume()
    volumes.set(name, volume)
    volume.add(block.cid, block.bytes.length)
    use(volume)
  }, Effect.uninterruptible)

  /** A block that was altered is replaced where it stands, in the room that is booked for it. False: it has another size now. */
  const putOnce = (name: string, block: Block) =>
    Effect.gen(function* () {
      const volume = volumes.get(name)
      if (volume === undefined || !volume.has(block.cid)) return yield* Effect.as(add(name, block), true)
      use(volume)
      if (Result.isFailure(yield* readIntact(name, block.cid))) {
        if (volume.sizeOf(block.cid) !== block.bytes.length) return false
        yield* medium.write(name, block.cid, block.bytes)
      }
      volume.markIntact(block.cid)
      return true
    }).pipe(locks.block(name, blockKey(block.cid)))

  /** Takes out a block whose size had changed when the store was opened, so that it can be stored like a new one. */
  const takeOut = (name: string, { bytes, cid }: Block) =>
    Effect.gen(function* () {
      const volume = volumes.get(name)
      if (volume === undefined || !volume.has(cid) || volume.sizeOf(cid) === bytes.length) return
      yield* medium.erase(name, cid)
      volume.remove(cid)
      yield* Effect.mapError(space.settle(name, volume.found), storeError("settle"))
    }).pipe(Effect.uninterruptible, locks.whole(name))

  const put = Effect.fn("BlockStore.put")(function* (name: string, block: Block) {
    if (yield* putOnce(name, block)) return
    yield* takeOut(name, block)
    if (yield* putOnce(name, block)) return
    return yield* new BlockStoreError({
      operation: "put",
      cause: new Error(`block ${block.cid} does not stay as it was written`),
    })
  })

  /**
   * What a reader takes for damage may be a block that is just being replaced, dropped or renamed: looks when that is over. If it
   * is damage, it is reported.
   */
  const examine = (name: string, cid: Cid) =>
    Effect.gen(function* () {
      const volume = volumes.get(name)
      if (volume === undefined || !volume.has(cid)) return Result.fail("gone" as const)
      const read = yield* readIntact(name, cid)
      if (Result.isSuccess(read)) volume.markIntact(cid)
      else if (volume.markDamaged(cid)) {
        yield* Effect.logWarning(`Block ${cid} in volume ${name} is ${read.failure}; it has to be fetched again.`)
        yield* PubSub.publish(news, { volume: name, cid })
      }
      return read
    }).pipe(locks.block(name, blockKey(cid)))

  /** Undefined: it was in a volume that went, or went by another name, while it was looked for. */
  const find = Effect.fnUntraced(function* (cid: Cid) {
    const failures = new Set<"gone" | "missing" | "altered">()
    for (const [name, volume] of Array.from(volumes)) {
      if (!volume.has(cid)) continue
      const read = yield* readIntact(name, cid)
      const found = Result.isSuccess(read) ? read : yield* examine(name, cid)
      if (Result.isSuccess(found)) {
        use(volume)
        return found.success
      }
      failures.add(found.failure)
    }
    if (failures.has("gone")) return undefined
    return yield* failures.has("altered") ? new BlockCorrupt({ cid }) : new BlockNotFound({ cid })
  })

  const get = Effect.fn("BlockStore.get")(function* (cid: Cid) {
    for (;;) {
      const bytes = yield* find(cid)
      if (bytes !== undefined) return bytes
    }
  })

  const has = (cid: Cid) => Effect.sync(() => Array.from(volumes.values()).some((volume) => volume.has(cid)))

  /** One by one, so that nothing is listed that went meanwhile. */
  const blocks = (name: string) =>
    Stream.suspend(() => Stream.fromIterable(volumes.get(name)?.blocks() ?? [], { chunkSize: 1 }))

  const check = Effect.fn("BlockStore.check")(function* (name: string, cid: Cid) {
    // So that it is reported again if it still is damaged: perhaps nobody could do anything about it the last time.
    volumes.get(name)?.markIntact(cid)
    const read = yield* readIntact(name, cid)
    if (Result.isSuccess(read)) return true
    const again = yield* examine(name, cid)
    return Result.isSuccess(again) || again.failure === "gone"
  })

  const corruptions = Effect.map(PubSub.subscribe(news), (later) => {
    const known = Array.from(volumes).flatMap(([volume, { damaged }]) => damaged.map((cid) => ({ volume, cid })))
    return Stream.concat(Stream.fromIterable(known), Stream.fromSubscription(later))
  }).pipe(Stream.unwrap)

  /** Files first: bytes that are given back while the files still stand could be sold twice. */
  const dropLocked = Effect.fnUntraced(function* (name: string) {
    yield* medium.drop(name)
    volumes.get(name)?.clear()
    volumes.delete(name)
    yield* Effect.mapError(space.giveBack(name), storeError("drop"))
  }, Effect.uninterruptible)

  const drop = Effect.fn("BlockStore.drop")((name: string) => dropLocked(name).pipe(locks.whole(name)))

  const rename = Effect.fn("BlockStore.rename")(function* (from: string, to: string) {
    if (from === to) return
    const [first, second] = from < to ? [from, to] : [to, from]
    yield* Effect.gen(function* () {
      const volume = volumes.get(from)
      if (volume === undefined) {
        return yield* new BlockStoreError({ operation: "rename", cause: new Error(`there is no volume ${from}`) })
      }
      yield* dropLocked(to)
      yield* medium.rename(from, to)
      volumes.delete(from)
      volumes.set(to, volume)
      yield* Effect.mapError(space.rename(from, to), storeError("rename"))
      yield* Effect.ignore(medium.renamed(to))
    }).pipe(Effect.uninterruptible, locks.whole(second), locks.whole(first))
  })

  const setCached = (name: string, isCached: boolean) =>
    Effect.gen(function* () {
      const volume = volumes.get(name)
      if (volume === undefined) return
      yield* Effect.mapError(isCached ? space.cache(name) : space.keep(name), storeError(isCached ? "cache" : "keep"))
      volume.isCached = isCached
      use(volume)
    }).pipe(Effect.uninterruptible, locks.whole(name))

  /** How many bytes of data came back. */
  const dropCached = (name: string) =>
    Effect.gen(function* () {
      const volume = volumes.get(name)
      if (volume === undefined || !volume.isCached) return 0n
      const { dataBytes } = volume.found
      yield* dropLocked(name)
      return dataBytes
    }).pipe(locks.whole(name))

  const evict = Effect.fn("BlockStore.evict")(function* (bytes: bigint) {
    const candidates = Array.from(volumes)
      .filter(([, { isCached }]) => isCached)
      .toSorted(([, one], [, other]) => one.lastUse - other.lastUse)
    let givenBytes = 0n
    for (const [name] of candidates) {
      if (givenBytes >= bytes) break
      givenBytes += yield* Effect.catch(dropCached(name), (error) =>
        Effect.as(Effect.logWarning(`Volume ${name} could not be evicted. ${error.message}`), 0n),
      )
    }
    return givenBytes
  })

  return {
    put,
    get,
    has,
    blocks,
    check,
    corruptions,
    drop,
    rename,
    cache: Effect.fn("BlockStore.cache")((name: string) => setCached(name, true)),
    keep: Effect.fn("BlockStore.keep")((name: string) => setCached(name, false)),
    evict,
    volumes: Effect.sync(() =>
      Array.from(volumes, ([name, volume]) => ({
        volume: name,
        blocks: volume.count,
        ...volume.found,
        isCached: volume.isCached,
      })),
    ),
  }
})
