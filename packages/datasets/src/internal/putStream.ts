import { Effect, Stream } from "effect"
import { type Block, isDataCid } from "../Block.ts"
import type { BlockSpace } from "../BlockSpace.ts"
import type { BlockStore } from "../BlockStore.ts"

/** Space is held in steps of this many bytes, so that the ledger is not asked for each block. */
const holdAheadBytes = 1_048_576n
const putConcurrency = 8

/** Writes blocks into a volume as they come, holding the space that those of data need. */
export const putStream = <E, R>(
  store: BlockStore["Service"],
  space: BlockSpace["Service"],
  volume: string,
  blocks: Stream.Stream<Block, E, R>,
) => {
  /** Near the end of the quota a whole step may not fit where one block does. */
  const hold = (block: Block) =>
    space.hold(volume, holdAheadBytes).pipe(
      Effect.as(holdAheadBytes),
      Effect.catchTag("SpaceExhausted", () =>
        Effect.as(space.hold(volume, BigInt(block.bytes.length)), BigInt(block.bytes.length)),
      ),
    )

  return Effect.suspend(() => {
    let heldBytes = 0n
    return blocks.pipe(
      Stream.tap(
        Effect.fnUntraced(function* (block) {
          if (!isDataCid(block.cid)) return
          const needed = BigInt(block.bytes.length)
          if (heldBytes < needed) heldBytes += yield* hold(block)
          heldBytes -= needed
        }),
      ),
      Stream.mapEffect((block) => store.put(volume, block), { concurrency: putConcurrency, unordered: true }),
      Stream.runDrain,
      Effect.tap(space.trim(volume)),
    )
  })
}
