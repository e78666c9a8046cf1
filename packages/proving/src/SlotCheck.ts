import type { OpenRequest, StorageRequest } from "@pecia/contracts-abi"
import {
  type BlockCorrupt,
  type BlockNotFound,
  BlockStore,
  type BlockStoreError,
  type Cid,
  type IncorrectCid,
  type InvalidManifest,
  type InvalidSlotContent,
} from "@pecia/datasets"
import type { SlotTree } from "@pecia/trees"
import { Context, Effect, Layer, type Option, Schema } from "effect"
import { makeLeastRecent } from "./internal/leastRecent.ts"
import { packedCids } from "./internal/packedCids.ts"
import * as SlotPlace from "./internal/slotPlace.ts"
import type { UnusableScheme } from "./ProofScheme.ts"

/** The data that the request names is not what its root says, or the request cannot be proven at all. Trying again does not help. */
export class SlotMismatch extends Schema.TaggedError<SlotMismatch>()("SlotMismatch", {
  /** Not of an open request, which is about one slot. */
  slotIndex: Schema.optionalKey(Schema.BigInt),
  /** Sentences. */
  detail: Schema.String,
}) {
  override get message() {
    return `${this.slotIndex === undefined ? "The data" : `Slot ${this.slotIndex}`} contradicts its request. ${this.detail}`
  }
}

/** What a request promises of a slot: the names and the tree of its blocks. They lead to the root in the request. */
export interface CheckedSlot {
  readonly tree: SlotTree
  /** The siblings that lead from the slot root to the root in the request, bottom up. */
  readonly datasetPath: ReadonlyArray<Uint8Array>
  /** The block of this index in the slot; none: zeros behind the end of the data. */
  readonly blockCid: (index: number) => Option.Option<Cid>
}

type Unreadable = BlockNotFound | BlockCorrupt | BlockStoreError

/**
 * Compares the metadata of slots that are stored here, slot manifest and parts, with the roots in their requests.
 *
 * Law: it answers with a slot only if its tree and `datasetPath` join to the root in `content.por`, or to the `contentHash` of an
 * open request. No data is read: each block is compared with its name and with its root in this tree when it arrives
 * (`Slots.store`), and again each time that a proof samples it (`Prover`).
 */
export class SlotCheck extends Context.Service<
  SlotCheck,
  {
    /** Reads the slot manifest, and the parts of the slot: 1 for each 512 MiB. */
    readonly check: (
      request: StorageRequest,
      slotIndex: bigint,
    ) => Effect.Effect<CheckedSlot, SlotMismatch | Unreadable>
    /** The slot as it was checked before, from memory; one that is not remembered is checked. */
    readonly recall: (
      request: StorageRequest,
      slotIndex: bigint,
    ) => Effect.Effect<CheckedSlot, SlotMismatch | Unreadable>
    /** `check`, of the one slot that an open request is about. */
    readonly checkOpen: (request: OpenRequest) => Effect.Effect<CheckedSlot, SlotMismatch | Unreadable>
    /** `recall`, of the one slot that an open request is about. */
    readonly recallOpen: (request: OpenRequest) => Effect.Effect<CheckedSlot, SlotMismatch | Unreadable>
  }
>()("@pecia/proving/SlotCheck") {
  /** Remembers the slots used last, 100 bytes per 64 KiB: those of `memoryBytes` (default 64 MiB, some 40 GiB of slots). */
  static readonly layer = (options?: { readonly memoryBytes?: number }): Layer.Layer<SlotCheck, never, BlockStore> =>
    Layer.effect(SlotCheck, make(options?.memoryBytes ?? 2 ** 26))
}

type Remembered = CheckedSlot & { readonly sizeBytes: number }

const remembered = ({ view: { blocks, tree }, datasetPath }: SlotPlace.SlotPlace): Remembered => {
  const cids = packedCids(blocks)
  return {
    tree,
    datasetPath,
    blockCid: cids.at,
    sizeBytes: 1024 + cids.sizeBytes + tree.rows.reduce((sum, row) => sum + row.length, 0),
  }
}

const make = Effect.fnUntraced(function* (memoryBytes: number) {
  const store = yield* BlockStore
  const memory = makeLeastRecent<Remembered>(memoryBytes, ({ sizeBytes }) => sizeBytes)
  const recallOr = <A, E>(key: string, check: Effect.Effect<A, E>) =>
    Effect.suspend((): Effect.Effect<A | CheckedSlot, E> => {
      const known = memory.get(key)
      return known === undefined ? check : Effect.succeed(known)
    })

  const remember = Effect.fnUntraced(function* <E>(key: string, place: Effect.Effect<SlotPlace.SlotPlace, E>) {
    const checked = remembered(yield* place)
    memory.set(key, checked)
    return checked
  })

  const check = Effect.fn("SlotCheck.check")(
    (request: StorageRequest, slotIndex: bigint) =>
      remember(keyOf(request, slotIndex), SlotPlace.ofSlot(store, request, slotIndex)),
    (effect, _request, slotIndex) => mismatch(effect, { slotIndex }),
  )
  const recall = Effect.fn("SlotCheck.recall")((request: StorageRequest, slotIndex: bigint) =>
    recallOr(keyOf(request, slotIndex), check(request, slotIndex)),
  )
  const checkOpen = Effect.fn("SlotCheck.checkOpen")(
    (request: OpenRequest) => remember(keyOfOpen(request), SlotPlace.ofOpenRequest(store, request)),
    (effect) => mismatch(effect, {}),
  )
  const recallOpen = Effect.fn("SlotCheck.recallOpen")((request: OpenRequest) =>
    recallOr(keyOfOpen(request), checkOpen(request)),
  )
  return SlotCheck.of({ check, recall, checkOpen, recallOpen })
})

/** What stays wrong however often one tries. */
type Wrong = SlotPlace.Contradiction | UnusableScheme | IncorrectCid | InvalidManifest | InvalidSlotContent

const mismatch = <A>(effect: Effect.Effect<A, Unreadable | Wrong>, about: { readonly slotIndex?: bigint }) =>
  Effect.catchTag(
    effect,
    ["Contradiction", "UnusableScheme", "IncorrectCid", "InvalidManifest", "InvalidSlotContent"],
    (error) => Effect.fail(new SlotMismatch({ ...about, detail: error.message })),
  )

/** Everything of a request that the outcome depends on: the CID fixes the data. */
const keyOf = ({ ask, content }: StorageRequest, slotIndex: bigint): string =>
  [content.cid, slotIndex, ask.slots, ask.slotSize, Buffer.from(content.por.u).toString("hex")].join()

const keyOfOpen = ({ contentHash, size }: OpenRequest): string => [contentHash, size].join()
