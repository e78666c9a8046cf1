import { Effect, Result } from "effect"
import { Block, type Cid, isDataCid } from "../Block.ts"
import { BlockSpace } from "../BlockSpace.ts"
import { BlockCorrupt, BlockNotFound, BlockStoreError } from "../BlockStoreError.ts"
import type { SpaceError } from "../SpaceError.ts"
import { isUploadVolume } from "../UploadVolume.ts"
import { blockKey } from "./blockKey.ts"
import type { Medium, StoredVolume } from "./medium.ts"
import * as VolumeLocks from "./volumeLocks.ts"

/** What is booked under one name. */
class Volume {
  readonly sizes = new Map<string, number>()
  dataBytes = 0
  metadataBytes = 0

  add(cid: Cid, sizeBytes: number) {
    this.sizes.set(blockKey(cid), sizeBytes)
    this.count(cid, sizeBytes)
  }

  remove(cid: Cid) {
    const sizeBytes = this.sizes.get(blockKey(cid))
    if (sizeBytes === undefined) return
    this.sizes.delete(blockKey(cid))
    this.count(cid, -sizeBytes)
  }

  get found() {
    return { dataBytes: BigInt(this.dataBytes), metadataBytes: BigInt(this.metadataBytes) }
  }

  private count(cid: Cid, sizeBytes: number) {
    if (isDataCid(cid)) this.dataBytes += sizeBytes
    else this.metadataBytes += sizeBytes
  }
}

const storeError = (operation: string) => (error: SpaceError) => new BlockStoreError({ operation, cause: error })

/** The rules of a block store, on any medium. */
export const make = Effect.fnUntraced(function* (medium: Medium) {
  const space = yield* BlockSpace
  const volumes = new Map<string, Volume>()
  const locks = VolumeLocks.make()

  /** The bytes of a block if they are what they should be. */
  const readIntact = (name: string, cid: Cid) =>
    Effect.map(medium.read(name, cid), (bytes) =>
      bytes === undefined
        ? Result.fail("missing" as const)
        : Result.mapError(Block.verify(cid, bytes), () => "altered" as const),
    )

  const book = (name: string, { cid, bytes }: Block) => {
    const size = BigInt(bytes.length)
    return (isDataCid(cid) ? space.write(name, size) : space.writeMetadata(name, size)).pipe(
      Effect.catchTag("SpaceError", (error) => Effect.fail(storeError("book")(error))),
    )
  }

  /** Written, then booked: a crash in between leaves a file that the next start counts or sweeps. */
  const add = Effect.fnUntraced(function* (name: string, block: Block) {
    yield* medium.write(name, block.cid, block.bytes)
    yield* Effect.tapError(book(name, block), () => Effect.ignore(medium.erase(name, block.cid)))
    const volume = volumes.get(name) ?? new Volume()
    volumes.set(name, volume)
    volume.add(block.cid, block.bytes.length)
  }, Effect.uninterruptible)

  /** False when the block was stored here and is not intact any more. */
  const putOnce = (name: string, block: Block) =>
    Effect.gen(function* () {
      if (volumes.get(name)?.sizes.has(blockKey(block.cid))) {
        return Result.isSuccess(yield* readIntact(name, block.cid))
      }
      yield* add(name, block)
      return true
    }).pipe(locks.block(name, blockKey(block.cid)))

  /** Takes a block that was altered out of its volume, so that it can be stored like a new one. */
  const evict = (name: string, cid: Cid) =>
    Effect.gen(function* () {
      const volume = volumes.get(name)
      if (volume === undefined || !volume.sizes.has(blockKey(cid))) return
      if (Result.isSuccess(yield* readIntact(name, cid))) return
      yield* medium.erase(name, cid)
      volume.remove(cid)
      yield* Effect.mapError(space.settle(name, volume.found), storeError("settle"))
    }).pipe(Effect.uninterruptible, locks.whole(name))

  const put = Effect.fn("BlockStore.put")(function* (name: string, block: Block) {
    if (yield* putOnce(name, block)) return
    yield* evict(name, block.cid)
    if (yield* putOnce(name, block)) return
    return yield* new BlockStoreError({
      operation: "put",
      cause: new Error(`block ${block.cid} does not stay as it was written`),
    })
  })

  const get = Effect.fn("BlockStore.get")(function* (cid: Cid) {
    let isAltered = false
    for (const [name, volume] of Array.from(volumes)) {
      if (!volume.sizes.has(blockKey(cid))) continue
      const read = yield* readIntact(name, cid)
      if (Result.isSuccess(read)) return read.success.bytes
      isAltered ||= read.failure === "altered"
    }
    return yield* isAltered ? new BlockCorrupt({ cid }) : new BlockNotFound({ cid })
  })

  const has = (cid: Cid) =>
    Effect.sync(() => Array.from(volumes.values()).some((volume) => volume.sizes.has(blockKey(cid))))

  /** Files first: bytes that are given back while the files still stand could be sold twice. */
  const dropLocked = Effect.fnUntraced(function* (name: string) {
    yield* medium.drop(name)
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
    }).pipe(Effect.uninterruptible, locks.whole(second), locks.whole(first))
  })

  /** Makes disk and ledger agree: what only the disk knows goes, what only the ledger knows is written off. */
  const reconcile = Effect.fnUntraced(function* (stored: ReadonlyArray<StoredVolume>) {
    const known = new Set(yield* Effect.mapError(space.volumes, storeError("open")))
    for (const { name, blocks } of stored) {
      if (!known.has(name) || isUploadVolume(name)) {
        yield* Effect.logInfo(`Volume ${name} (${blocks.length} blocks) belongs to nothing any more and is removed.`)
        yield* medium.drop(name)
        continue
      }
      const volume = new Volume()
      for (const { cid, sizeBytes } of blocks) volume.add(cid, sizeBytes)
      volumes.set(name, volume)
    }
    for (const name of known) {
      const volume = volumes.get(name) ?? new Volume()
      yield* Effect.mapError(
        isUploadVolume(name) ? space.giveBack(name) : space.settle(name, volume.found),
        storeError("open"),
      )
    }
  })

  yield* Effect.flatMap(medium.open, reconcile)

  return {
    put,
    get,
    has,
    drop,
    rename,
    volumes: Effect.sync(() =>
      Array.from(volumes, ([name, volume]) => ({ volume: name, blocks: volume.sizes.size, ...volume.found })),
    ),
  }
})
