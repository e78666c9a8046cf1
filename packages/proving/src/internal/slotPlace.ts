import type { OpenRequest, StorageRequest } from "@pecia/contracts-abi"
import {
  type Block,
  type BlockSource,
  type BlockStore,
  type Cid,
  parseCid,
  SlotContent,
  SlotManifest,
  SlotView,
} from "@pecia/datasets"
import { DatasetTree, SlotTree } from "@pecia/trees"
import { Data, Effect, Option, Stream } from "effect"
import { ProofScheme } from "../ProofScheme.ts"

/** A request says something else than the metadata that it names. */
export class Contradiction extends Data.TaggedError("Contradiction")<{ readonly message: string }> {}

/** The slot of a request, by metadata that leads to the root in the request. */
export interface SlotPlace {
  readonly view: SlotView
  /** The siblings that lead from the slot root to the root in the request, bottom up. */
  readonly datasetPath: ReadonlyArray<Uint8Array>
}

const contradiction = (message: string) => new Contradiction({ message })

const blockIn = (store: BlockStore["Service"], cid: Cid) =>
  Effect.map(store.get(cid), (bytes): Block => ({ cid, bytes }))

const manifestIn = Effect.fnUntraced(function* (store: BlockStore["Service"], cid: Cid) {
  return yield* Effect.fromResult(SlotManifest.decode(yield* blockIn(store, cid)))
})

/** The slot as its parts describe it, whose tree has the root in the manifest. */
const viewIn = Effect.fnUntraced(function* (
  store: BlockStore["Service"],
  cid: Cid,
  manifest: SlotManifest,
  index: number,
) {
  const source: BlockSource<Effect.Error<ReturnType<typeof store.get>>> = (cids) =>
    Stream.mapEffect(Stream.fromIterable(cids), (part) => blockIn(store, part))
  const view = yield* SlotView.read(cid, manifest, index, source)
  const [roots = new Uint8Array()] = view.tree.rows
  const isZeros = (root: Uint8Array) => Buffer.compare(root, SlotTree.zeroBlockRoot) === 0
  for (const [at, block] of view.blocks.entries())
    if (Option.isNone(block) && !isZeros(roots.subarray(at * 32, at * 32 + 32)))
      return yield* contradiction(`Its block ${at} is said to be zeros, with a root that zeros do not have.`)
  return view
})

export const ofSlot = Effect.fnUntraced(function* (
  store: BlockStore["Service"],
  { ask, content }: StorageRequest,
  slotIndex: bigint,
) {
  const scheme = yield* Effect.fromResult(ProofScheme.decode(content.por))
  yield* Effect.fromResult(ProofScheme.shape(scheme, ask.slotSize, ask.slots))
  if (slotIndex < 0n || slotIndex >= ask.slots) return yield* contradiction(`There are ${ask.slots} slots.`)

  const cid = yield* Effect.fromResult(parseCid(content.cid))
  const manifest = yield* manifestIn(store, cid)
  const { slots, slotSizeBytes } = manifest
  if (BigInt(slots.length) !== ask.slots || slotSizeBytes !== ask.slotSize)
    return yield* contradiction(
      `It asks for ${ask.slots} slots of ${ask.slotSize} bytes; its manifest has ${slots.length} of ${slotSizeBytes}.`,
    )
  const dataset = DatasetTree.fromSlotRoots(slots.map(({ root }) => root))
  if (Buffer.compare(dataset.root, scheme.root) !== 0)
    return yield* contradiction("The slot roots in its manifest do not join to its dataset root.")
  const index = Number(slotIndex)
  const view = yield* viewIn(store, cid, manifest, index)
  return { view, datasetPath: DatasetTree.path(dataset, index).map((node) => node.slice()) } satisfies SlotPlace
})

/** By the content block, whose hash the request has. That hash is also the root over the manifest's digest and the slot root. */
export const ofOpenRequest = Effect.fnUntraced(function* (store: BlockStore["Service"], request: OpenRequest) {
  const scheme = ProofScheme.ofOpenRequest(request)
  yield* Effect.fromResult(ProofScheme.shape(scheme, request.size, ProofScheme.openSlots))

  const content = yield* blockIn(store, SlotContent.cid(scheme.root))
  const { manifest: cid, slotRoot } = yield* Effect.fromResult(SlotContent.decode(content))
  const manifest = yield* manifestIn(store, cid)
  if (manifest.slotSizeBytes !== request.size)
    return yield* contradiction(
      `It is about ${request.size} bytes; the slots of its manifest have ${manifest.slotSizeBytes}.`,
    )
  const index = manifest.slots.findIndex(({ root }) => Buffer.compare(root, slotRoot) === 0)
  if (index < 0) return yield* contradiction("None of the slots in its manifest has its slot root.")
  const view = yield* viewIn(store, cid, manifest, index)
  return { view, datasetPath: [cid.multihash.digest] } satisfies SlotPlace
})
