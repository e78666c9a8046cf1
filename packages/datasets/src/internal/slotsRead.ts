import type { ErasureCode } from "@pecia/erasure"
import { Effect, Option, Stream } from "effect"
import { Block, type Cid } from "../Block.ts"
import type { BlockSource } from "../BlockSource.ts"
import { FileTree } from "../FileTree.ts"
import { InvalidManifest } from "../InvalidManifest.ts"
import { Manifest } from "../Manifest.ts"
import { type Plan, readPlan } from "./plan.ts"
import { startProgress } from "./progress.ts"
import { makeSlotReader, type SlotBytes } from "./slotReader.ts"

/** Blocks that are read together, unless one stripe has more; and how often at the same time: 8 MiB. */
const window = 64
const windowsAtOnce = 2

/** Stripes that are read together: a power of two, so that they are of one part. */
const stripesTogether = (data: number) => 2 ** Math.floor(Math.log2(Math.max(1, window / data)))

/** The bytes of the data block of this index, compared with the name that the file has for it. */
const bytesOf = ({ cid, dataset, layout }: Plan, slot: SlotBytes | undefined, at: number, index: number, name: Cid) =>
  Effect.gen(function* () {
    const bytes = (slot?.blocks[at] ?? new Uint8Array()).subarray(0, Manifest.blockBytes(dataset, index))
    const said = Option.flatMap(slot?.said ?? Option.none(), ({ blocks }) => blocks[at] ?? Option.none())
    // The source has compared it with this name. What the part filled up or cut off would have another one.
    if (Option.isSome(said) && said.value.equals(name)) return bytes
    yield* Effect.fromResult(Block.verify(name, bytes)).pipe(
      Effect.mapError(
        () =>
          new InvalidManifest({
            cid,
            detail: `its slots do not give block ${index} of the file (stripe ${Math.floor(index / layout.data)})`,
          }),
      ),
    )
    return bytes
  })

/** `Slots.read`. */
export const readSlots =
  (code: ErasureCode["Service"]) =>
  <E, R>(cid: Cid, source: BlockSource<E, R>) =>
    Effect.gen(function* () {
      const plan = yield* readPlan(cid, code.codec, source)
      const { dataset, layout } = plan
      const reader = makeSlotReader(plan, code, source)
      const progress = yield* startProgress("read", dataset.sizeBytes)
      const dataSlots = Array.from({ length: layout.data }, (_, i) => i)
      const stripes = stripesTogether(layout.data)
      return FileTree.leaves(dataset.content, dataset.sizeBytes, (node) => source([node])).pipe(
        Stream.grouped(stripes * layout.data),
        Stream.zipWithIndex,
        Stream.mapEffect(
          Effect.fnUntraced(function* ([names, i]) {
            const slots = yield* reader.stripes(dataSlots, i * stripes, Math.ceil(names.length / layout.data))
            return yield* Effect.forEach(names, (name, at) =>
              bytesOf(
                plan,
                slots[at % layout.data],
                Math.floor(at / layout.data),
                i * stripes * layout.data + at,
                name,
              ),
            )
          }),
          { concurrency: windowsAtOnce },
        ),
        Stream.flatMap(Stream.fromIterable),
        Stream.tap((bytes) => progress.add(bytes.length)),
        Stream.onEnd(progress.end),
      )
    }).pipe(Stream.unwrap, Stream.withSpan("Slots.read"))
