import type { StorageRequest } from "@pecia/contracts-abi"
import {
  type BlockCorrupt,
  type BlockNotFound,
  BlockStore,
  type BlockStoreError,
  type Cid,
  cidSizeBytes,
  Datasets,
  decodeCid,
  parseCid,
} from "@pecia/datasets"
import { DatasetTree, SlotTree } from "@pecia/trees"
import { Context, Effect, Layer, type Option, Result, Schema } from "effect"
import { blockRootsOf, packCids } from "./internal/blockRoots.ts"
import { makeLeastRecent } from "./internal/leastRecent.ts"
import { ProofScheme } from "./ProofScheme.ts"

/** The data that the request names is not what its root says, or the request cannot be proven at all. Trying again does not help. */
export class SlotMismatch extends Schema.TaggedError<SlotMismatch>()("SlotMismatch", {
  slotIndex: Schema.BigInt,
  /** Sentences. */
  detail: Schema.String,
}) {
  override get message() {
    return `Slot ${this.slotIndex} contradicts its request. ${this.detail}`
  }
}

/** A slot whose every byte was compared with the root in its request. */
export interface CheckedSlot {
  readonly tree: SlotTree
  /** The siblings that lead from the slot root to the dataset root, bottom up. */
  readonly datasetPath: ReadonlyArray<Uint8Array>
  /** The block of this index in the slot; none: zeros behind the end of the data. */
  readonly blockCid: (index: number) => Option.Option<Cid>
}

type Unreadable = BlockNotFound | BlockCorrupt | BlockStoreError

/**
 * Compares slots that are stored here with the roots in their requests.
 *
 * Law: it answers with a slot only if the slot roots of the manifest join to the root in `content.por`, and the bytes of the slot
 * have the slot root of their index.
 */
export class SlotCheck extends Context.Service<
  SlotCheck,
  {
    /** Reads the whole slot. */
    readonly check: (
      request: StorageRequest,
      slotIndex: bigint,
    ) => Effect.Effect<CheckedSlot, SlotMismatch | Unreadable>
    /** The slot as it was checked before, from memory; one that is not remembered is checked. What is on disk may have changed since. */
    readonly recall: (
      request: StorageRequest,
      slotIndex: bigint,
    ) => Effect.Effect<CheckedSlot, SlotMismatch | Unreadable>
  }
>()("@pecia/proving/SlotCheck") {
  /** Remembers the slots used last, about 100 bytes per 64 KiB: those of `memoryBytes` (default 64 MiB, some 40 GiB of slots). */
  static readonly layer = (options?: {
    readonly memoryBytes?: number
  }): Layer.Layer<SlotCheck, never, Datasets | BlockStore> =>
    Layer.effect(SlotCheck, make(options?.memoryBytes ?? 2 ** 26))
}

const make = Effect.fnUntraced(function* (memoryBytes: number) {
  const datasets = yield* Datasets
  const store = yield* BlockStore
  const memory = makeLeastRecent<CheckedSlot & { readonly sizeBytes: number }>(
    memoryBytes,
    ({ sizeBytes }) => sizeBytes,
  )

  const check = Effect.fn("SlotCheck.check")(
    function* (request: StorageRequest, slotIndex: bigint) {
      const { ask, content } = request
      const mismatch = (detail: string) => new SlotMismatch({ slotIndex, detail })
      const scheme = yield* Effect.fromResult(ProofScheme.decode(content.por))
      yield* Effect.fromResult(ProofScheme.shape(scheme, ask.slotSize, ask.slots))
      if (slotIndex < 0n || slotIndex >= ask.slots) return yield* mismatch(`There are ${ask.slots} slots.`)

      const cid = yield* Effect.fromResult(parseCid(content.cid))
      const { slotSizeBytes, slotRoots } = yield* datasets.slotManifest(cid)
      if (BigInt(slotRoots.length) !== ask.slots || slotSizeBytes !== ask.slotSize)
        return yield* mismatch(
          `It asks for ${ask.slots} slots of ${ask.slotSize} bytes; its manifest has ${slotRoots.length} of ${slotSizeBytes}.`,
        )
      const dataset = DatasetTree.fromSlotRoots(slotRoots)
      if (Buffer.compare(dataset.root, scheme.root) !== 0)
        return yield* mismatch("The slot roots in its manifest do not join to its dataset root.")

      const blocks = yield* datasets.slotBlocks(cid, slotIndex)
      const tree = SlotTree.fromBlockRoots(yield* blockRootsOf(store, blocks))
      const index = Number(slotIndex)
      if (Buffer.compare(tree.root, slotRoots[index] ?? new Uint8Array()) !== 0)
        return yield* mismatch("The data does not have the slot root that its manifest says.")

      const cids = packCids(blocks)
      const checked = {
        tree,
        datasetPath: DatasetTree.path(dataset, index).map((node) => node.slice()),
        blockCid: (block: number) =>
          Result.getSuccess(decodeCid(cids.subarray(block * cidSizeBytes, (block + 1) * cidSizeBytes))),
        sizeBytes: 1024 + cids.length + tree.rows.reduce((sum, row) => sum + row.length, 0),
      }
      memory.set(keyOf(request, slotIndex), checked)
      return checked
    },
    (effect, _request, slotIndex) =>
      Effect.catchTag(effect, ["UnusableScheme", "IncorrectCid", "InvalidManifest", "InvalidSlotLayout"], (error) =>
        Effect.fail(new SlotMismatch({ slotIndex, detail: error.message })),
      ),
  )

  const recall = Effect.fn("SlotCheck.recall")((request: StorageRequest, slotIndex: bigint) =>
    Effect.suspend(() => {
      const known = memory.get(keyOf(request, slotIndex))
      return known === undefined ? check(request, slotIndex) : Effect.succeed(known)
    }),
  )

  return SlotCheck.of({ check, recall })
})

/** Everything of a request that the outcome depends on: the CID fixes the data. */
const keyOf = ({ ask, content }: StorageRequest, slotIndex: bigint): string =>
  [content.cid, slotIndex, ask.slots, ask.slotSize, Buffer.from(content.por.u).toString("hex")].join()
