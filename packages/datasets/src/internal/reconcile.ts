import { Effect } from "effect"
import type { BlockSpace } from "../BlockSpace.ts"
import { BlockStoreError } from "../BlockStoreError.ts"
import { isUploadVolume } from "../UploadVolume.ts"
import type { Medium, StoredVolume } from "./medium.ts"
import { Volume } from "./volume.ts"

/** A crash may come between a volume's new name on disk and in the ledger. */
const finishRenames = Effect.fnUntraced(function* (
  medium: Medium,
  space: BlockSpace["Service"],
  stored: ReadonlyArray<StoredVolume>,
) {
  const known = new Set(yield* space.volumes)
  const names = new Set(stored.map(({ name }) => name))
  for (const { formerName, name } of stored) {
    if (formerName === undefined) continue
    if (known.has(formerName) && !known.has(name) && !names.has(formerName)) yield* space.rename(formerName, name)
    yield* medium.renamed(name)
  }
})

/** What was held for work of a process that has ended is given back, unless it is a slot's; what was written and not booked is booked. */
const settle = Effect.fnUntraced(function* (space: BlockSpace["Service"], name: string, volume: Volume) {
  yield* space.settle(name, volume.found).pipe(
    Effect.catch((error) =>
      space.hold(name, volume.found.dataBytes).pipe(
        Effect.mapError(() => error),
        Effect.andThen(space.settle(name, volume.found)),
      ),
    ),
  )
  yield* space.trim(name)
})

/** Makes disk and ledger agree: what only the disk knows goes, what only the ledger knows is written off. */
export const reconcile = Effect.fnUntraced(
  function* (medium: Medium, space: BlockSpace["Service"]) {
    const volumes = new Map<string, Volume>()
    const stored = yield* medium.open
    yield* finishRenames(medium, space, stored)
    const known = new Set(yield* space.volumes)
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
    const cached = yield* space.cached
    for (const name of known) {
      const volume = volumes.get(name)
      const isOver = isUploadVolume(name) || (volume === undefined && cached.includes(name))
      yield* isOver ? space.giveBack(name) : settle(space, name, volume ?? new Volume())
    }
    for (const [place, name] of cached.entries()) {
      const volume = volumes.get(name)
      if (volume === undefined) continue
      volume.isCached = true
      volume.lastUse = place + 1
    }
    return volumes
  },
  Effect.catchTag("SpaceError", (cause) => Effect.fail(new BlockStoreError({ operation: "open", cause }))),
)
