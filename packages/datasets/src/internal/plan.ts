import { Effect } from "effect"
import { type Block, blockSizeBytes, type Cid } from "../Block.ts"
import type { BlockSource } from "../BlockSource.ts"
import { InvalidManifest } from "../InvalidManifest.ts"
import { Manifest } from "../Manifest.ts"
import { SlotLayout } from "../SlotLayout.ts"
import { codecNone, SlotManifest } from "../SlotManifest.ts"
import { UnknownCodec } from "../SlotsError.ts"
import { oneOf } from "./oneOf.ts"

/** A slot manifest, and the dataset and the layout that it fits. */
export interface Plan {
  readonly cid: Cid
  readonly block: Block
  readonly manifest: SlotManifest
  readonly dataset: Manifest
  readonly datasetBlock: Block
  readonly layout: SlotLayout
}

/** Reads a slot manifest and the dataset that it names, and compares the two. */
export const readPlan = Effect.fnUntraced(function* <E, R>(cid: Cid, codec: string, source: BlockSource<E, R>) {
  const invalid = (detail: string) => new InvalidManifest({ cid, detail })
  const block = yield* oneOf(source, cid)
  const manifest = yield* Effect.fromResult(SlotManifest.decode(block))
  if (manifest.codec !== codecNone && manifest.codec !== codec)
    return yield* new UnknownCodec({ slotManifest: cid, codec: manifest.codec })
  const datasetBlock = yield* oneOf(source, manifest.manifest)
  const dataset = yield* Effect.fromResult(Manifest.decode(datasetBlock))
  const layout = yield* Effect.fromResult(SlotLayout.make(Manifest.blockCount(dataset), manifest)).pipe(
    Effect.mapError(({ detail }) => invalid(detail)),
  )
  if (layout.slotSizeBytes !== manifest.slotSizeBytes)
    return yield* invalid(
      `it has slots of ${manifest.slotSizeBytes} bytes, and ${dataset.sizeBytes} bytes over ${layout.data} slots take ${layout.slotSizeBytes}`,
    )
  return { cid, block, manifest, dataset, datasetBlock, layout } satisfies Plan
})

/** A block as it is coded and hashed: filled up with zeros. */
export const filledUp = (bytes: Uint8Array): Uint8Array => {
  if (bytes.length === blockSizeBytes) return bytes
  const full = new Uint8Array(blockSizeBytes)
  full.set(bytes)
  return full
}
