import { ErasureCode } from "@pecia/erasure"
import { BlockRoots } from "@pecia/trees"
import { Effect, Stream } from "effect"
import type { Block, Cid } from "../Block.ts"
import { BlockSource } from "../BlockSource.ts"
import { BlockSpace } from "../BlockSpace.ts"
import { BlockStore } from "../BlockStore.ts"
import { BlockNotFound } from "../BlockStoreError.ts"
import { Datasets } from "../Datasets.ts"
import { Manifest } from "../Manifest.ts"
import { SlotContent } from "../SlotContent.ts"
import { SlotLayout, type SlotShape } from "../SlotLayout.ts"
import { codecNone, SlotManifest } from "../SlotManifest.ts"
import { SlotPart } from "../SlotPart.ts"
import { layStripes } from "./laying.ts"
import { oneOf } from "./oneOf.ts"
import { makePartWriter } from "./partWriter.ts"
import { startProgress } from "./progress.ts"
import { putStream } from "./putStream.ts"
import { putWhole } from "./putWhole.ts"
import { makeSettling } from "./settling.ts"
import { storeSlot } from "./slotStoring.ts"
import { readSlots } from "./slotsRead.ts"
import { withWorkVolume } from "./workVolume.ts"

/** The volume of what is made for slots besides the data. */
const slotsVolume = (slotManifest: Cid): string => `slots-${slotManifest}`

export const make = Effect.gen(function* () {
  const store = yield* BlockStore
  const space = yield* BlockSpace
  const datasets = yield* Datasets
  const code = yield* ErasureCode
  const blockRoots = yield* BlockRoots
  const settling = makeSettling(store, space)
  const here = BlockSource.fromStore(store)

  /** What belongs to slots besides the data: their manifest, their parts, their parity. */
  const everything = (manifestBlock: Block, { data, slots }: SlotManifest) =>
    Stream.fromIterable(slots).pipe(
      Stream.zipWithIndex,
      Stream.flatMap(([{ parts }, slotIndex]) =>
        here(parts).pipe(
          Stream.flatMap((part) =>
            slotIndex < data
              ? Stream.succeed(part)
              : Stream.fromEffect(Effect.fromResult(SlotPart.decode(part))).pipe(
                  Stream.flatMap(({ blocks }) =>
                    here(blocks.flatMap((block) => (block._tag === "Some" ? [block.value] : []))),
                  ),
                  Stream.concat(Stream.succeed(part)),
                ),
          ),
        ),
      ),
      Stream.concat(Stream.succeed(manifestBlock)),
    )

  const lay = Effect.fn("Slots.lay")(function* (dataset: Cid, shape: SlotShape) {
    const found = yield* datasets.manifest(dataset)
    const layout = yield* Effect.fromResult(SlotLayout.make(Manifest.blockCount(found), shape))
    const progress = yield* startProgress("lay", found.sizeBytes)
    return yield* withWorkVolume(
      store,
      Effect.fnUntraced(function* (volume) {
        const slots = Array.from({ length: layout.slots }, () =>
          makePartWriter(layout.stripes, (part) => store.put(volume, part)),
        )
        const parity = layStripes(code, blockRoots, found, layout, datasets.blocks(found), here, slots).pipe(
          Stream.zipWithIndex,
          Stream.tap(([{ names }, stripe]) =>
            Effect.forEach(names, (_, i) => progress.add(Manifest.blockBytes(found, stripe * layout.data + i)), {
              discard: true,
            }),
          ),
          Stream.flatMap(([{ parity }]) => Stream.fromIterable(parity)),
        )
        yield* putStream(store, space, volume, parity)
        const manifest: SlotManifest = {
          manifest: dataset,
          codec: shape.parity === 0 ? codecNone : code.codec,
          data: shape.data,
          parity: shape.parity,
          slotSizeBytes: layout.slotSizeBytes,
          slots: yield* Effect.forEach(slots, (slot) => slot.end),
        }
        const block = SlotManifest.encode(manifest)
        yield* store.put(volume, block)
        yield* settling.settle(volume, slotsVolume(block.cid), everything(block, manifest))
        yield* progress.end
        return { cid: block.cid, manifest }
      }),
    )
  })

  const contentsOf = Effect.fn("Slots.contentsOf")(function* (cid: Cid) {
    const { slots } = yield* Effect.fromResult(SlotManifest.decode(yield* oneOf(here, cid)))
    const contents = slots.map(({ root }) => SlotContent.encode({ manifest: cid, slotRoot: root }))
    const volume = slotsVolume(cid)
    yield* Effect.gen(function* () {
      // The manifest may be here because one of the slots is hosted: those were laid by somebody else.
      if (!(yield* settling.isHere(volume))) return yield* new BlockNotFound({ cid })
      yield* putWhole(store, space, volume, contents)
    }).pipe(settling.alone)
    return contents.map((block) => block.cid)
  })

  return {
    lay,
    contentsOf,
    drop: Effect.fn("Slots.drop")((cid: Cid) => settling.alone(store.drop(slotsVolume(cid)))),
    store: storeSlot(store, code, blockRoots),
    read: readSlots(code),
  }
})
