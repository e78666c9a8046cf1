import { Effect, Result } from "effect"
import { type Block, isDataCid } from "../Block.ts"
import type { BlockSpace } from "../BlockSpace.ts"
import { BlockStoreError } from "../BlockStoreError.ts"
import * as Together from "./together.ts"

interface Written {
  readonly volume: string
  readonly block: Block
}

/** Books blocks that have been written. A ledger on disk takes its time for each step, so blocks that wait are booked in one. */
export const make = (space: BlockSpace["Service"]) => {
  const bookSum = (blocks: readonly [Written, ...ReadonlyArray<Written>]) => {
    const [{ block, volume }] = blocks
    const bytes = BigInt(blocks.reduce((sum, { block }) => sum + block.bytes.length, 0))
    return (isDataCid(block.cid) ? space.write(volume, bytes) : space.writeMetadata(volume, bytes)).pipe(
      Effect.catchTag("SpaceError", (cause) => Effect.fail(new BlockStoreError({ operation: "book", cause }))),
      Effect.result,
    )
  }

  /** Where there is no room for all, each is tried alone. */
  const bookGroup = Effect.fnUntraced(function* (group: readonly [Written, ...ReadonlyArray<Written>]) {
    const whole = yield* bookSum(group)
    if (Result.isSuccess(whole) || group.length === 1) return new Map(group.map((one) => [one, whole]))
    const each = yield* Effect.forEach(group, (one) => Effect.map(bookSum([one]), (result) => [one, result] as const))
    return new Map(each)
  })

  const book = Together.make(
    Effect.fnUntraced(function* (written: ReadonlyArray<Written>) {
      const groups = Map.groupBy(
        written,
        ({ block, volume }) => `${isDataCid(block.cid) ? "data" : "metadata"} ${volume}`,
      )
      const booked = new Map<Written, Effect.Success<ReturnType<typeof bookSum>>>()
      for (const [first, ...others] of groups.values()) {
        if (first === undefined) continue
        for (const [one, result] of yield* bookGroup([first, ...others])) booked.set(one, result)
      }
      return written.flatMap((one) => booked.get(one) ?? [])
    }),
  )

  return (volume: string, block: Block) => Effect.flatMap(book({ volume, block }), Effect.fromResult)
}
