import { Effect, Semaphore, Stream } from "effect"
import type { Block } from "../Block.ts"
import type { BlockSpace } from "../BlockSpace.ts"
import type { BlockStore } from "../BlockStore.ts"
import { BlockStoreError } from "../BlockStoreError.ts"
import { putWhole } from "./putWhole.ts"

const mendedAtOnce = 16

/** Volumes that count come into being and go one at a time; their blocks are written before. */
export const makeSettling = (store: BlockStore["Service"], space: BlockSpace["Service"]) => {
  const one = Semaphore.makeUnsafe(1)

  const isHere = (name: string) => Effect.map(store.volumes, (volumes) => volumes.some(({ volume }) => volume === name))

  /** Blocks that are here already replace those of a volume that were altered on disk. The others take no space. */
  const mend = <E extends { readonly _tag: string }>(name: string, blocks: Stream.Stream<Block, E>) =>
    blocks.pipe(
      Stream.mapError((cause) => new BlockStoreError({ operation: "mend", cause })),
      Stream.grouped(mendedAtOnce),
      Stream.runForEach((group) => putWhole(store, space, name, group)),
    )

  return {
    /**
     * Gives a filled volume its name. Where there is a volume of that name already, it stays, for its blocks were promised to be
     * durable: what was altered of it on disk is replaced, and the new one goes. `blocks` are all that belong to it.
     */
    settle: <E extends { readonly _tag: string }>(volume: string, name: string, blocks: Stream.Stream<Block, E>) =>
      Effect.gen(function* () {
        if (!(yield* isHere(name))) return yield* store.rename(volume, name)
        yield* mend(name, blocks)
        yield* store.drop(volume)
      }).pipe(one.withPermit),

    isHere,
    alone: one.withPermit,
  }
}
