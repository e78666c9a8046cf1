import { Effect } from "effect"
import { type Block, isDataCid } from "../Block.ts"
import type { BlockSpace } from "../BlockSpace.ts"
import type { BlockStore } from "../BlockStore.ts"

const putConcurrency = 8

/**
 * Writes a few blocks into a volume for which nothing else is held: all, or none where there is no room. Those that are
 * there already take none.
 */
export const putWhole = (
  store: BlockStore["Service"],
  space: BlockSpace["Service"],
  volume: string,
  blocks: ReadonlyArray<Block>,
) => {
  const sizeBytes = blocks.reduce((sum, { bytes, cid }) => sum + (isDataCid(cid) ? bytes.length : 0), 0)
  const put = Effect.forEach(blocks, (block) => store.put(volume, block), {
    concurrency: putConcurrency,
    discard: true,
  })
  return space.hold(volume, BigInt(sizeBytes)).pipe(
    // Without room, what is there already can still be put, and nothing else.
    Effect.catchTag("SpaceExhausted", (full) =>
      Effect.mapError(put, (error) => (error._tag === "SpaceExhausted" ? full : error)),
    ),
    Effect.andThen(put),
    Effect.onExit(() => space.trim(volume)),
  )
}
