import { Effect, Option, Stream } from "effect"
import type { Block, Cid } from "../Block.ts"
import type { BlockSource } from "../BlockSource.ts"
import type { BlockStore } from "../BlockStore.ts"
import type { BlockCorrupt, BlockNotFound, BlockStoreError } from "../BlockStoreError.ts"

const readAhead = 8

/** The blocks that a store has. */
export const storeSource =
  (store: BlockStore["Service"]): BlockSource<BlockNotFound | BlockCorrupt | BlockStoreError> =>
  (cids) =>
    Stream.fromIterable(cids).pipe(
      Stream.mapEffect((cid) => Effect.map(store.get(cid), (bytes): Block => ({ cid, bytes })), {
        concurrency: readAhead,
      }),
    )

/** The one block that is needed to go on. */
export const oneOf = <E, R>(source: BlockSource<E, R>, cid: Cid) =>
  Effect.flatMap(Stream.runHead(source([cid])), (block) =>
    Option.isSome(block) ? Effect.succeed(block.value) : Effect.die(`a source of blocks ended without ${cid}`),
  )
