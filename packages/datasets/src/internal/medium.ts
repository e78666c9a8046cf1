import type { Effect } from "effect"
import type { Cid } from "../Block.ts"
import type { BlockStoreError } from "../BlockStoreError.ts"
import type { SpaceExhausted } from "../SpaceError.ts"

/** Where a block store keeps its bytes. It knows nothing of space; `volumes.ts` adds that, and the rules. */
export interface Medium {
  /** Removes what an earlier run left half-written, then tells what is there. */
  readonly open: Effect.Effect<ReadonlyArray<StoredVolume>, BlockStoreError>
  /** Durable when it ends, and never half there: what stood under the name stands until then. */
  readonly write: (volume: string, cid: Cid, bytes: Uint8Array) => Effect.Effect<void, SpaceExhausted | BlockStoreError>
  readonly read: (volume: string, cid: Cid) => Effect.Effect<Uint8Array | "missing" | "unreadable", BlockStoreError>
  readonly erase: (volume: string, cid: Cid) => Effect.Effect<void, BlockStoreError>
  /** All or nothing, also when the process is killed on the way. */
  readonly drop: (volume: string) => Effect.Effect<void, BlockStoreError>
  /** `to` is not there. Its former name is remembered until `renamed`, so that the next start can go on from here. */
  readonly rename: (from: string, to: string) => Effect.Effect<void, BlockStoreError>
  readonly renamed: (to: string) => Effect.Effect<void, BlockStoreError>
}

export interface StoredVolume {
  readonly name: string
  /** It has been renamed, and perhaps nobody was told. */
  readonly formerName?: string
  readonly blocks: ReadonlyArray<{ readonly cid: Cid; readonly sizeBytes: number }>
}
