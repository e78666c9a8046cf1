import { Effect, Stream } from "effect"
import type { Block, Cid } from "./Block.ts"
import type { BlockStore } from "./BlockStore.ts"
import type { BlockCorrupt, BlockNotFound, BlockStoreError } from "./BlockStoreError.ts"

/** Where blocks come from: a store, a network, an archive. Law: answers with the blocks that were asked for, in that order, checked. */
export type BlockSource<E, R = never> = (cids: ReadonlyArray<Cid>) => Stream.Stream<Block, E, R>

const readAhead = 8

export const BlockSource = {
  /** The blocks that a store has. */
  fromStore:
    (store: BlockStore["Service"]): BlockSource<BlockNotFound | BlockCorrupt | BlockStoreError> =>
    (cids) =>
      Stream.fromIterable(cids).pipe(
        Stream.mapEffect((cid) => Effect.map(store.get(cid), (bytes): Block => ({ cid, bytes })), {
          concurrency: readAhead,
        }),
      ),
}
