import type { OpenRequest, StorageRequest } from "@pecia/contracts-abi"
import { type BlockStore, type Cid, type Datasets, parseCid, SlotContent } from "@pecia/datasets"
import { DatasetTree } from "@pecia/trees"
import { Data, Effect } from "effect"
import { ProofScheme } from "../ProofScheme.ts"

/** A request says something else than the metadata that it names. */
export class Contradiction extends Data.TaggedError("Contradiction")<{ readonly message: string }> {}

/** Where the slot of a request stands, by metadata that leads to the root in the request. */
export interface SlotPlace {
  readonly slotManifest: Cid
  /** Of the slot in its manifest. */
  readonly index: number
  readonly slotRoot: Uint8Array
  /** The siblings that lead from the slot root to the root in the request, bottom up. */
  readonly datasetPath: ReadonlyArray<Uint8Array>
}

export const ofSlot = Effect.fnUntraced(function* (
  datasets: Datasets["Service"],
  { ask, content }: StorageRequest,
  slotIndex: bigint,
) {
  const contradiction = (message: string) => new Contradiction({ message })
  const scheme = yield* Effect.fromResult(ProofScheme.decode(content.por))
  yield* Effect.fromResult(ProofScheme.shape(scheme, ask.slotSize, ask.slots))
  if (slotIndex < 0n || slotIndex >= ask.slots) return yield* contradiction(`There are ${ask.slots} slots.`)

  const cid = yield* Effect.fromResult(parseCid(content.cid))
  const { slotSizeBytes, slotRoots } = yield* datasets.slotManifest(cid)
  if (BigInt(slotRoots.length) !== ask.slots || slotSizeBytes !== ask.slotSize)
    return yield* contradiction(
      `It asks for ${ask.slots} slots of ${ask.slotSize} bytes; its manifest has ${slotRoots.length} of ${slotSizeBytes}.`,
    )
  const dataset = DatasetTree.fromSlotRoots(slotRoots)
  if (Buffer.compare(dataset.root, scheme.root) !== 0)
    return yield* contradiction("The slot roots in its manifest do not join to its dataset root.")
  const index = Number(slotIndex)
  return {
    slotManifest: cid,
    index,
    slotRoot: slotRoots[index] ?? new Uint8Array(),
    datasetPath: DatasetTree.path(dataset, index).map((node) => node.slice()),
  } satisfies SlotPlace
})

/** By the content block, whose hash the request has. That hash is also the root over the manifest's digest and the slot root. */
export const ofOpenRequest = Effect.fnUntraced(function* (
  datasets: Datasets["Service"],
  store: BlockStore["Service"],
  request: OpenRequest,
) {
  const contradiction = (message: string) => new Contradiction({ message })
  const scheme = ProofScheme.ofOpenRequest(request)
  yield* Effect.fromResult(ProofScheme.shape(scheme, request.size, ProofScheme.openSlots))

  const cid = SlotContent.cid(scheme.root)
  const { manifest, slotRoot } = yield* Effect.fromResult(SlotContent.decode({ cid, bytes: yield* store.get(cid) }))
  const { slotSizeBytes, slotRoots } = yield* datasets.slotManifest(manifest)
  if (slotSizeBytes !== request.size)
    return yield* contradiction(`It is about ${request.size} bytes; the slots of its manifest have ${slotSizeBytes}.`)
  const index = slotRoots.findIndex((other) => Buffer.compare(other, slotRoot) === 0)
  if (index < 0) return yield* contradiction("None of the slots in its manifest has its slot root.")
  return { slotManifest: manifest, index, slotRoot, datasetPath: [manifest.multihash.digest] } satisfies SlotPlace
})
