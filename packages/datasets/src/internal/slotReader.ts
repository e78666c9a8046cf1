import type { ErasureCode } from "@pecia/erasure"
import { Data, Effect, Option, Stream } from "effect"
import { type Block, blockSizeBytes, type Cid } from "../Block.ts"
import type { BlockSource } from "../BlockSource.ts"
import { InvalidManifest } from "../InvalidManifest.ts"
import { Manifest } from "../Manifest.ts"
import { InvalidSlotLayout, SlotLayout } from "../SlotLayout.ts"
import { codecNone, type SlotManifest } from "../SlotManifest.ts"
import { TooFewSlots, UnknownCodec } from "../SlotsError.ts"
import { SlotView } from "../SlotView.ts"

/** A slot manifest, and the dataset and the layout that it fits. */
export interface Plan {
  readonly cid: Cid
  readonly manifest: SlotManifest
  readonly dataset: Manifest
  readonly datasetBlock: Block
  readonly layout: SlotLayout
}

/** One block of metadata. */
export const oneOf = <E, R>(source: BlockSource<E, R>, cid: Cid) =>
  Effect.flatMap(Stream.runHead(source([cid])), (block) =>
    Option.isSome(block) ? Effect.succeed(block.value) : Effect.die(`a source of blocks ended without ${cid}`),
  )

/** Reads the dataset that a slot manifest names, and compares the two. */
export const planOf = Effect.fnUntraced(function* <E, R>(
  cid: Cid,
  manifest: SlotManifest,
  codec: string,
  source: BlockSource<E, R>,
) {
  if (manifest.codec !== codecNone && manifest.codec !== codec)
    return yield* new UnknownCodec({ slotManifest: cid, codec: manifest.codec })
  const datasetBlock = yield* oneOf(source, manifest.manifest)
  const dataset = yield* Effect.fromResult(Manifest.decode(datasetBlock))
  const layout = yield* Effect.fromResult(SlotLayout.make(Manifest.blockCount(dataset), manifest))
  if (layout.slotSizeBytes !== manifest.slotSizeBytes)
    return yield* new InvalidSlotLayout({
      detail: `a slot of ${manifest.slotSizeBytes} bytes; ${dataset.sizeBytes} bytes over ${layout.data} slots take ${layout.slotSizeBytes}`,
    })
  return { cid, manifest, dataset, datasetBlock, layout } satisfies Plan
})

/** A block as it is coded and hashed: filled up with zeros. */
export const filledUp = (bytes: Uint8Array): Uint8Array => {
  if (bytes.length === blockSizeBytes) return bytes
  const full = new Uint8Array(blockSizeBytes)
  full.set(bytes)
  return full
}

/** Stripes of one slot, filled up. */
export interface SlotBytes {
  readonly blocks: ReadonlyArray<Uint8Array>
  /** They were not read but coded from other slots, so that nobody has compared them with their names yet. */
  readonly isRebuilt: boolean
}

class SourceFailed extends Data.TaggedError("SourceFailed")<{ readonly cause: unknown }> {}

/**
 * Reads stripes of slots from a source, and codes what the source has not from any so many slots as the data has. A slot that failed
 * once is not asked for again: the source has tried what it could.
 */
export const makeSlotReader = <E, R>(plan: Plan, code: ErasureCode["Service"], source: BlockSource<E, R>) => {
  const { cid, layout, manifest } = plan
  const views = new Map<number, SlotView>()
  const lost = new Set<number>()
  let firstLoss = "None was tried."
  const zeros = new Uint8Array(blockSizeBytes)
  const trySource: BlockSource<SourceFailed, R> = (cids) =>
    Stream.mapError(source(cids), (cause) => new SourceFailed({ cause }))

  const viewOf = Effect.fnUntraced(function* <E2, R2>(slotIndex: number, from: BlockSource<E2, R2>) {
    const known = views.get(slotIndex)
    if (known !== undefined) return known
    const view = yield* SlotView.read(cid, manifest, slotIndex, from)
    const isRight = view.blocks.every(
      (block, stripe) =>
        Option.isSome(block) === (slotIndex >= layout.data || Option.isSome(layout.dataBlock(slotIndex, stripe))),
    )
    if (!isRight)
      return yield* new InvalidManifest({ cid, detail: `its slot ${slotIndex} ends where the data does not` })
    views.set(slotIndex, view)
    return view
  })

  const readSlot = (slotIndex: number, first: number, count: number) =>
    Effect.gen(function* () {
      const range = (yield* viewOf(slotIndex, trySource)).blocks.slice(first, first + count)
      const found = (yield* Stream.runCollect(trySource(range.flatMap(Option.toArray))))[Symbol.iterator]()
      return Option.some<ReadonlyArray<Uint8Array>>(
        range.map((block) => (Option.isSome(block) ? filledUp(found.next().value?.bytes ?? zeros) : zeros)),
      )
    }).pipe(
      Effect.catchTag("SourceFailed", ({ cause }) => {
        if (lost.size === 0) firstLoss = cause instanceof Error ? cause.message : String(cause)
        lost.add(slotIndex)
        return Effect.logInfo(`Slot ${slotIndex} of ${cid} cannot be had; it is rebuilt from others.`).pipe(
          Effect.as(Option.none<ReadonlyArray<Uint8Array>>()),
        )
      }),
    )

  /** `count` stripes from `first` on, of each of the wanted slots. */
  const stripes = Effect.fnUntraced(function* (wanted: ReadonlyArray<number>, first: number, count: number) {
    const found = new Map<number, ReadonlyArray<Uint8Array>>()
    const read = (slots: ReadonlyArray<number>) =>
      Effect.forEach(
        slots.filter((slotIndex) => !lost.has(slotIndex)),
        (slotIndex) =>
          Effect.map(
            readSlot(slotIndex, first, count),
            Option.map((blocks) => found.set(slotIndex, blocks)),
          ),
        { concurrency: "unbounded", discard: true },
      )
    yield* read(wanted)
    const missing = wanted.filter((slotIndex) => !found.has(slotIndex))
    while (missing.length > 0 && found.size < layout.data) {
      const others = Array.from({ length: layout.slots }, (_, i) => i).filter((i) => !found.has(i) && !lost.has(i))
      if (found.size + others.length < layout.data)
        return yield* new TooFewSlots({ slotManifest: cid, needed: layout.data, found: found.size, detail: firstLoss })
      yield* read(others.slice(0, layout.data - found.size))
    }
    const rebuilt = yield* Effect.forEach(missing.length === 0 ? [] : Array.from({ length: count }, (_, i) => i), (i) =>
      Effect.orDie(
        code.reconstruct(
          Array.from({ length: layout.slots }, (_, slotIndex) => found.get(slotIndex)?.[i]),
          layout.data,
          missing,
        ),
      ),
    )
    return wanted.map((slotIndex): SlotBytes => {
      const blocks = found.get(slotIndex)
      if (blocks !== undefined) return { blocks, isRebuilt: false }
      const at = missing.indexOf(slotIndex)
      return { blocks: rebuilt.map((shards) => shards[at] ?? zeros), isRebuilt: true }
    })
  })

  return { viewOf: (slotIndex: number) => viewOf(slotIndex, source), stripes }
}
