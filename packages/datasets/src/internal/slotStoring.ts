import type { ErasureCode } from "@pecia/erasure"
import type { BlockRoots } from "@pecia/trees"
import { Effect, Option, Result, Stream } from "effect"
import { Block, blockSizeBytes, type Cid, digestSizeBytes } from "../Block.ts"
import type { BlockSource } from "../BlockSource.ts"
import type { BlockStore } from "../BlockStore.ts"
import { FileTree } from "../FileTree.ts"
import { InvalidManifest } from "../InvalidManifest.ts"
import { Manifest } from "../Manifest.ts"
import { makePartWriter } from "./partWriter.ts"
import { type Plan, readPlan } from "./plan.ts"
import { startProgress } from "./progress.ts"
import { makeSlotReader, type SlotBytes } from "./slotReader.ts"

/** Blocks of a slot that are asked for together: 4 MiB. A part is a whole number of windows. */
const window = 64
const putConcurrency = 8

/** The blocks of stripes of a slot under their true names. None: zeros behind the end of the data. */
const blocksAt = (
  { dataset, layout }: Plan,
  slotIndex: number,
  first: number,
  filled: ReadonlyArray<Uint8Array>,
): ReadonlyArray<Option.Option<Block>> =>
  filled.map((bytes, i) => {
    if (slotIndex >= layout.data) return Option.some(Result.getOrThrow(Block.data(bytes)))
    return Option.map(layout.dataBlock(slotIndex, first + i), (index) =>
      Result.getOrThrow(Block.data(bytes.subarray(0, Manifest.blockBytes(dataset, index)))),
    )
  })

/** `Slots.store`. */
export const storeSlot = (
  store: BlockStore["Service"],
  code: ErasureCode["Service"],
  blockRoots: BlockRoots["Service"],
) => {
  /** Stores the nodes of the file, so that whoever knows the dataset alone finds its blocks; answers with the digests of those that the slot has. */
  const storeTree = Effect.fnUntraced(function* <E, R>(
    volume: string,
    { dataset, layout }: Plan,
    slotIndex: number,
    source: BlockSource<E, R>,
  ) {
    const digests = new Uint8Array(slotIndex < layout.data ? layout.stripes * digestSizeBytes : 0)
    const nodes = (node: Cid) => Stream.tap(source([node]), (block) => store.put(volume, block))
    yield* FileTree.leaves(dataset.content, dataset.sizeBytes, nodes).pipe(
      Stream.zipWithIndex,
      Stream.filter(([, index]) => index % layout.data === slotIndex),
      Stream.runForEach(([{ multihash }, index]) =>
        Effect.sync(() => digests.set(multihash.digest, Math.floor(index / layout.data) * digestSizeBytes)),
      ),
    )
    return digests
  })

  return Effect.fn("Slots.store")(function* <E, R>(
    volume: string,
    cid: Cid,
    slotIndex: number,
    source: BlockSource<E, R>,
  ) {
    const plan = yield* readPlan(cid, code.codec, source)
    const { layout, manifest } = plan
    const entry = manifest.slots[slotIndex]
    const wrong = (detail: string) => new InvalidManifest({ cid, detail: `slot ${slotIndex}: ${detail}` })
    if (entry === undefined) return yield* wrong(`it has ${manifest.slots.length} slots`)
    const progress = yield* startProgress("store", layout.slotSizeBytes)
    const digests = yield* storeTree(volume, plan, slotIndex, source)
    const reader = makeSlotReader(plan, code, source)
    // The parts are made anew: they may be lost with the slot, and so nothing is taken on trust.
    const writer = makePartWriter(
      layout.stripes,
      Effect.fnUntraced(function* (part, index) {
        if (entry.parts[index]?.equals(part.cid) !== true)
          return yield* wrong(`its part ${index} does not say what its blocks are`)
        yield* store.put(volume, part)
      }),
    )

    const check = Effect.fnUntraced(function* (
      { said }: SlotBytes,
      blocks: ReadonlyArray<Option.Option<Block>>,
      roots: Uint8Array,
      first: number,
    ) {
      if (Option.isSome(said) && Buffer.compare(said.value.roots, roots) !== 0)
        return yield* wrong("its blocks do not have the roots that its parts say")
      if (slotIndex >= layout.data) return
      for (const [i, block] of blocks.entries()) {
        const expected = digests.subarray((first + i) * digestSizeBytes, (first + i + 1) * digestSizeBytes)
        if (Option.isSome(block) && Buffer.compare(block.value.cid.multihash.digest, expected) !== 0)
          return yield* wrong(`its block ${first + i} is not the one that the file has there`)
      }
    })

    for (let first = 0; first < layout.stripes; first += window) {
      const count = Math.min(window, layout.stripes - first)
      for (const bytes of yield* reader.stripes([slotIndex], first, count)) {
        const roots = yield* blockRoots.of(bytes.blocks)
        const blocks = blocksAt(plan, slotIndex, first, bytes.blocks)
        yield* check(bytes, blocks, roots, first)
        yield* Effect.forEach(blocks.flatMap(Option.toArray), (block) => store.put(volume, block), {
          concurrency: putConcurrency,
          discard: true,
        })
        for (const [i, block] of blocks.entries())
          yield* writer.add(
            Option.map(block, ({ cid }) => cid),
            roots.subarray(i * 32, i * 32 + 32),
          )
      }
      yield* progress.add(count * blockSizeBytes)
    }
    const { root } = yield* writer.end
    if (Buffer.compare(root, entry.root) !== 0) return yield* wrong("its blocks do not have its root")
    // Last, so that a slot manifest that is here stands for a slot that is.
    for (const block of [plan.datasetBlock, plan.block]) yield* store.put(volume, block)
    yield* progress.end
  })
}
