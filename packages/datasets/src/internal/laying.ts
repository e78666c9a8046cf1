import type { ErasureCode } from "@pecia/erasure"
import type { BlockRoots } from "@pecia/trees"
import { SlotTree } from "@pecia/trees"
import { Effect, Option, Result, Stream } from "effect"
import { Block, type Cid } from "../Block.ts"
import type { BlockSource } from "../BlockSource.ts"
import type { Manifest } from "../Manifest.ts"
import type { SlotLayout } from "../SlotLayout.ts"
import { checkLength } from "./checkLength.ts"
import type { PartWriter } from "./partWriter.ts"
import { filledUp } from "./plan.ts"

/** Stripes that are coded at the same time. */
const stripesAtOnce = 4

/** Reads and codes one stripe: the roots of its blocks that are data or parity, and the parity. */
const codeStripe = Effect.fnUntraced(function* <E, R>(
  code: ErasureCode["Service"],
  blockRoots: BlockRoots["Service"],
  dataset: Manifest,
  layout: SlotLayout,
  names: ReadonlyArray<Cid>,
  stripe: number,
  source: BlockSource<E, R>,
) {
  const found = yield* Stream.runCollect(source(names))
  for (const [i, block] of found.entries()) yield* checkLength(dataset, stripe * layout.data + i, block.bytes.length)
  const shards = Array.from({ length: layout.data }, (_, i) => filledUp(found[i]?.bytes ?? new Uint8Array()))
  const coded = layout.parity === 0 ? [] : yield* Effect.orDie(code.encode(shards, layout.parity))
  const roots = yield* blockRoots.of([...shards.slice(0, names.length), ...coded])
  return { names, roots, parity: coded.map((bytes) => Result.getOrThrow(Block.data(bytes))) }
})

/** Codes a dataset stripe by stripe, tells the writer of each slot its blocks, and answers with those of parity. */
export const layStripes = <E, R, E2, R2, E3, R3>(
  code: ErasureCode["Service"],
  blockRoots: BlockRoots["Service"],
  dataset: Manifest,
  layout: SlotLayout,
  leaves: Stream.Stream<Cid, E, R>,
  source: BlockSource<E2, R2>,
  slots: ReadonlyArray<PartWriter<E3, R3>>,
) =>
  leaves.pipe(
    Stream.grouped(layout.data),
    Stream.zipWithIndex,
    Stream.mapEffect(([names, stripe]) => codeStripe(code, blockRoots, dataset, layout, names, stripe, source), {
      concurrency: stripesAtOnce,
    }),
    Stream.tap(({ names, parity, roots }) =>
      Effect.forEach(
        slots,
        (slot, slotIndex) => {
          const name = names[slotIndex] ?? parity[slotIndex - layout.data]?.cid
          // Behind the end of the data the stripe has no roots: parity follows its last block at once.
          const at = slotIndex < layout.data ? slotIndex : slotIndex - layout.data + names.length
          const root = name === undefined ? SlotTree.zeroBlockRoot : roots.subarray(at * 32, at * 32 + 32)
          return slot.add(Option.fromUndefinedOr(name), root)
        },
        { discard: true },
      ),
    ),
  )
