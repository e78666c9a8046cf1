import { BlockStore, type Cid } from "@pecia/datasets"
import { Effect } from "effect"

/** What this node answers to others: a block that was altered on disk is one that it has not got. */
export const make = Effect.map(
  BlockStore,
  (store) =>
    (cid: Cid): Effect.Effect<Uint8Array | undefined> =>
      store.get(cid).pipe(
        Effect.catchTag("BlockNotFound", () => Effect.undefined),
        Effect.catch((error) => Effect.as(Effect.logWarning(`A block cannot be served. ${error.message}`), undefined)),
      ),
)
